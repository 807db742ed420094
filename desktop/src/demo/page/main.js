// The page: one line to the program, a phone that draws its screens, a table around it.

import { Line } from "./line.js";
import { Phone } from "./phone.js";
import { VERSION, decodeScreen, encodeEvent, versionOf } from "./screen.js";
import { Table } from "./table.js";
import { Tones } from "./tones.js";

// The one text that the page has of its own: while it has no line there is nobody to ask for another.
const LOST = {
  sq: "Lidhja me programin u ndërpre. Po provohet përsëri…",
  en: "The line to the program is lost. Trying again…",
  sr: "Veza sa programom je prekinuta. Pokušava se ponovo…",
};

const app = document.getElementById("app");
const banner = document.getElementById("banner");
const tones = new Tones(document.getElementById("tone"));
let isFirst = true;

function cover(text) {
  banner.textContent = text;
  banner.hidden = text === "";
  app.inert = text !== "";
}

function screen(bytes) {
  if (versionOf(bytes) !== VERSION) return cover("The program is of another version: load this page again.");
  const screen = decodeScreen(bytes);
  cover("");
  // A pad without strokes is another page's, which is hidden; this one is not.
  const isBlank = ({ role, strokes }) => role === "digit" && strokes.length === 0;
  if (!document.hidden && screen.nodes.some(({ kind, keys }) => kind === "pin-pad" && keys.some(isBlank))) tellExposure();
  phone.show(screen);
  tones.hear(screen.tone, isFirst);
  isFirst = false;
}

function opened() {
  phone.forget();
  isFirst = true;
  tellExposure();
}

// A page that is hidden shows its PIN pad to nobody. What covers or records it otherwise, no browser tells a page: that
// is for the phone's own shell.
function tellExposure() {
  line.event(encodeEvent(0, "exposure", document.hidden ? 1 : 0, 0));
}

const number = new URLSearchParams(location.search).get("phone") ?? "1";
const line = new Line(`ws://${location.host}/phone/${encodeURIComponent(number)}`, {
  screen,
  opened,
  table: (table) => surroundings.show(table),
  lost: (reason) => cover([reason, LOST[app.lang] ?? LOST.en].filter(Boolean).join(". ")),
});
const phone = new Phone(app, (...event) => line.event(encodeEvent(...event)));
const surroundings = new Table((wish) => line.wish(wish));

addEventListener("visibilitychange", tellExposure);

// A button that a mouse or finger presses takes no focus, so that the keyboard stays the phone's.
addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());

for (const [id, property] of [["device", "device"], ["size", "size"]]) {
  const select = document.getElementById(id);
  select.addEventListener("change", () => (document.documentElement.dataset[property] = select.value));
  document.documentElement.dataset[property] = select.value;
}
