// Drawings of our own: the reader's symbol, a mark for each scheme, strokes of the PIN pad. No logo is copied.

const SVG = "http://www.w3.org/2000/svg";

function draw(viewBox, className, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, attributes, text] of shapes) {
    const shape = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    if (text) shape.textContent = text;
    svg.append(shape);
  }
  return svg;
}

// What stands on a key of the PIN pad: lines with corners, in a box of 60 by 100. What they show is for eyes only.
export function strokes(lines) {
  const d = lines.map((line) => "M" + line.map((point) => point.join(" ")).join("L")).join("");
  return draw("-6 -6 72 112", "strokes", [["path", { d }]]);
}

// Four waves of a reader's field, each farther out.
export function contactless() {
  const wave = (r) => ["path", { d: `M ${20 + r * 0.5} ${50 - r} A ${r * 1.25} ${r * 1.25} 0 0 1 ${20 + r * 0.5} ${50 + r}` }];
  return draw("0 0 100 100", "contactless", [14, 24, 34, 44].map(wave));
}

const circles = (left, right) => [
  ["circle", { cx: 26, cy: 20, r: 16, fill: left }],
  ["circle", { cx: 46, cy: 20, r: 16, fill: right, "fill-opacity": "0.85" }],
];
const word = (text, size, fill) => [
  "text", { x: 36, y: 26, "text-anchor": "middle", "font-size": size, "font-style": "italic", "font-weight": 800, fill }, text,
];

const MARKS = {
  "mastercard": () => circles("#c8102e", "#e8a33d"),
  "maestro": () => circles("#2f6db5", "#c8102e"),
  "visa": () => [word("VISA", 22, "#1a2b6d")],
  "visa-electron": () => [word("Electron", 15, "#1a2b6d")],
  "v-pay": () => [word("V PAY", 19, "#1a2b6d")],
};

// A scheme's mark with its name: below circles, which have no word of their own, and read out for all.
export function mark({ scheme, name }) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = name;
  if (MARKS[scheme]().some(([shape]) => shape === "text")) label.className = "for-readers";
  item.append(draw("0 0 72 40", "mark", MARKS[scheme]()), label);
  return item;
}
