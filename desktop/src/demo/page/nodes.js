// The eleven kinds of node. Each is made once for its place on the screen and then changed where it stands, so that a
// press that began is a press that ends, and what has the focus keeps it. `change` says whether it could.

import { contactless, mark, strokes } from "./marks.js";

const TYPED_BYTES_MAX = 64;
// A PIN pad's width and height in its own units (protocol/src/pad.rs).
const PAD_UNITS = 10000;

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name === "on") element.addEventListener(...value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// A node that is made anew whenever it differs; the screen puts the focus back by `data-focus`.
const fixed = (element) => ({ element, change: () => false });

// Whether two lists are of the same things, in which case only their looks differ.
const sameThings = (old, now, name) =>
  old.length === now.length && old.every((thing, index) => thing[name] === now[index][name]);

export const BUILD = {
  text({ style, text }) {
    const element = make(style === "heading" ? "h2" : "p", { class: `text ${style}`, text });
    return {
      element,
      change(node) {
        if (node.style !== style) return false;
        element.textContent = node.text;
        return true;
      },
    };
  },

  fields: ({ fields }) =>
    fixed(make("dl", { class: "fields" }, ...fields.map(({ label, value }) =>
      make("div", {}, make("dt", { text: label }), make("dd", { text: value }))))),

  input,
  choice,

  buttons({ buttons }, act) {
    const elements = buttons.map(({ id }) =>
      make("button", { type: "button", "data-focus": `button ${id}`, on: ["click", () => act("press", id)] }));
    return {
      element: make("div", { class: "buttons" }, ...elements),
      change(node) {
        if (!sameThings(buttons, node.buttons, "id")) return false;
        for (const [index, { label, style, enabled }] of node.buttons.entries()) {
          elements[index].className = style;
          elements[index].textContent = label;
          elements[index].disabled = !enabled;
        }
        return true;
      },
    };
  },

  rows: ({ rows }, act) =>
    fixed(make("ul", { class: "rows" }, ...rows.map((row) =>
      make("li", {}, make("button",
        { type: "button", "data-focus": `row ${row.id}`, on: ["click", () => act("open", row.id)] },
        make("span", { class: "row-title", text: row.title }, ...badge(row.badge)),
        make("span", { class: "row-amount", text: row.amount }),
        make("span", { class: "row-detail", text: row.detail })))))),

  keypad,

  countdown() {
    const bar = make("progress", { "aria-hidden": true });
    const text = make("span");
    return {
      element: make("div", { class: "countdown", role: "timer" }, bar, text),
      change(node) {
        bar.max = node.total;
        bar.value = node.left;
        text.textContent = node.text;
        return true;
      },
    };
  },

  lights() {
    const lights = Array.from({ length: 4 }, () => make("span"));
    const element = make("div", { class: "lights", role: "img" }, ...lights);
    return {
      element,
      change({ lit }) {
        element.setAttribute("aria-label", `${lit} / 4`);
        for (const [index, light] of lights.entries()) light.className = index < lit ? "lit" : "";
        return true;
      },
    };
  },

  marks: ({ marks }) =>
    fixed(make("div", { class: "marks" }, contactless(), make("ul", {}, ...marks.map(mark)))),

  "pin-pad": pinPad,
};

function badge(badge) {
  return badge ? [make("span", { class: `badge ${badge.style}`, text: badge.text })] : [];
}

const KEYBOARDS = {
  "activation-code": { type: "text", autocapitalize: "characters" },
  "supervisor-code": { type: "password", inputmode: "numeric" },
  "phone": { type: "tel" },
  "search": { type: "search", autocapitalize: "characters" },
  "date-time": { type: "text" },
  "amount": { type: "text", inputmode: "decimal" },
};

// A line to type into. Its text is the machine's once the machine has answered the newest change; what the machine
// does not show (a code) stays as it was typed.
function input({ id, input: kind }, act) {
  let edit = 0;
  const label = make("label", { for: `line-${id}` });
  const error = make("p", { class: "error", id: `error-${id}`, role: "alert" });
  const line = make("input", {
    id: `line-${id}`, class: kind, "data-focus": `line ${id}`, "aria-describedby": `error-${id}`,
    autocomplete: "off", spellcheck: "false", ...KEYBOARDS[kind],
    on: ["input", () => {
      line.value = clipped(line.value);
      edit += 1;
      act("type", id, line.value, edit);
    }],
  });
  return {
    element: make("div", { class: "line" }, label, line, error),
    change(node) {
      if (node.id !== id || node.input !== kind) return false;
      label.textContent = node.label;
      error.textContent = node.error ?? "";
      line.setAttribute("aria-invalid", node.error !== null);
      const isHidden = node.value === "" && node.filled > 0;
      if (node.edit >= edit) {
        edit = node.edit;
        if (!isHidden && line.value !== node.value) retype(line, node.value);
      }
      line.placeholder = isHidden ? "•".repeat(node.filled) : node.hint;
      return true;
    },
  };
}

function clipped(text) {
  const encoder = new TextEncoder();
  while (encoder.encode(text).length > TYPED_BYTES_MAX) text = Array.from(text).slice(0, -1).join("");
  return text;
}

// Puts a text that was grouped anew into a line, with the caret behind the same digit.
function retype(line, text) {
  const before = line.value.slice(0, line.selectionStart ?? 0).replaceAll(" ", "").length;
  const wasAtEnd = line.selectionStart === line.value.length;
  line.value = text;
  if (document.activeElement !== line) return;
  let caret = 0;
  for (let seen = 0; caret < text.length && (wasAtEnd || seen < before); caret += 1) seen += text[caret] !== " ";
  line.setSelectionRange(caret, caret);
}

function choice({ id, options }, act) {
  const legend = make("legend");
  const radios = options.map((option) => make("input", {
    type: "radio", name: `choice-${id}`, id: `choice-${id}-${option.id}`, "data-focus": `choice ${id} ${option.id}`,
    on: ["change", () => act("choose", id, option.id)],
  }));
  const labels = options.map((option) => make("label", { for: `choice-${id}-${option.id}` }));
  const pairs = radios.map((radio, index) => make("span", {}, radio, labels[index]));
  return {
    element: make("fieldset", { class: "choice" }, legend, make("div", {}, ...pairs)),
    change(node) {
      if (node.id !== id || !sameThings(options, node.options, "id")) return false;
      legend.textContent = node.label;
      for (const [index, option] of node.options.entries()) {
        labels[index].textContent = option.label;
        radios[index].checked = index === node.selected;
      }
      return true;
    },
  };
}

function keypad({ keys }, act) {
  const buttons = keys.map(({ role }, index) =>
    make("button", { type: "button", class: role, "data-focus": `key ${index}`, on: ["click", () => act("key", index)] }));
  return {
    element: make("div", { class: "keypad" }, ...buttons),
    change(node) {
      if (!sameThings(keys, node.keys, "role")) return false;
      for (const [index, key] of node.keys.entries()) {
        buttons[index].textContent = key.label;
        buttons[index].disabled = !key.enabled;
      }
      return true;
    },
  };
}

// The middle of a key, for whoever presses it without a finger.
export const centre = ({ left, top, width, height }) => [left + (width >> 1), top + (height >> 1)];

// The PIN pad: strokes are drawn, and what was touched is said as a point. Which digit that is, is not known here.
function pinPad({ pad, keys }, act) {
  const dots = make("p", { class: "dots", role: "img" });
  const buttons = keys.map(({ role, area, strokes: lines }, index) => {
    const button = make("button", {
      type: "button", class: role, "data-focus": `pin ${index}`,
      on: ["click", (event) => act("touch", pad, ...(event.detail === 0 ? centre(area) : pointOf(event)))],
    });
    for (const [side, units] of Object.entries(area)) button.style[side] = `${(100 * units) / PAD_UNITS}%`;
    if (role === "digit") button.append(strokes(lines));
    return button;
  });
  const surface = make("div", { class: "pad", role: "group" }, ...buttons);
  const pointOf = ({ clientX, clientY }) => {
    const { left, top, width, height } = surface.getBoundingClientRect();
    const units = (part) => Math.min(Math.max(Math.floor(part * PAD_UNITS), 0), PAD_UNITS - 1);
    return [units((clientX - left) / width), units((clientY - top) / height)];
  };
  return {
    element: make("div", { class: "pin" }, dots, surface),
    change(node) {
      if (node.pad !== pad) return false;
      dots.textContent = "●".repeat(node.filled);
      dots.setAttribute("aria-label", node.spoken);
      for (const [index, { role, label, spoken, enabled }] of node.keys.entries()) {
        if (role !== "digit") buttons[index].textContent = label;
        buttons[index].setAttribute("aria-label", spoken);
        buttons[index].disabled = !enabled;
      }
      return true;
    },
  };
}
