// Screens and events as protocol/src/screen.rs has them, field by field in its order. The bytes of each node and act
// are held against protocol/tests/golden/screen.txt in a browser, by desktop/tests/browser.

import { Reader, Writer } from "./postcard.js";

export const VERSION = 1;

const LANGUAGES = ["sq", "en", "sr"];
const SOUNDS = ["success", "alert"];
const STYLES = ["body", "hint", "heading", "amount", "prompt", "success", "failure", "warning"];
const INPUTS = ["activation-code", "supervisor-code", "phone", "search", "date-time", "amount"];
const BUTTONS = ["primary", "plain", "danger"];
const ROLES = ["digit", "erase", "clear", "cancel", "confirm"];
const SCHEMES = ["mastercard", "maestro", "visa", "visa-electron", "v-pay"];
const KINDS = [
  "text", "fields", "input", "choice", "buttons", "rows", "keypad", "countdown", "lights", "marks", "pin-pad",
];

const CONTENT = {
  text: (r) => ({ style: r.oneOf(STYLES), text: r.text() }),
  fields: (r) => ({ fields: r.list(() => ({ label: r.text(), value: r.text() })) }),
  input: (r) => ({
    id: r.text(),
    label: r.text(),
    input: r.oneOf(INPUTS),
    value: r.text(),
    filled: r.byte(),
    edit: r.number(),
    hint: r.text(),
    error: r.optional(() => r.text()),
  }),
  choice: (r) => ({
    id: r.text(),
    label: r.text(),
    options: r.list(() => ({ id: r.text(), label: r.text() })),
    selected: r.byte(),
  }),
  buttons: (r) => ({
    buttons: r.list(() => ({
      id: r.text(), label: r.text(), style: r.oneOf(BUTTONS), enabled: r.flag(),
    })),
  }),
  rows: (r) => ({
    rows: r.list(() => ({
      id: r.text(),
      title: r.text(),
      detail: r.text(),
      amount: r.text(),
      badge: r.optional(() => ({ text: r.text(), style: r.oneOf(STYLES) })),
    })),
  }),
  keypad: (r) => ({
    keys: r.list(() => ({ role: r.oneOf(ROLES), label: r.text(), enabled: r.flag() })),
  }),
  countdown: (r) => ({ left: r.byte(), total: r.byte(), text: r.text() }),
  lights: (r) => ({ lit: r.byte() }),
  marks: (r) => ({ marks: r.list(() => ({ scheme: r.oneOf(SCHEMES), name: r.text() })) }),
  "pin-pad": (r) => ({
    pad: r.number(),
    filled: r.byte(),
    spoken: r.text(),
    keys: r.list(() => ({
      role: r.oneOf(ROLES),
      area: { left: r.number(), top: r.number(), width: r.number(), height: r.number() },
      strokes: linesOf(r.bytes()),
      label: r.text(),
      spoken: r.text(),
      enabled: r.flag(),
    })),
  }),
};

// Strokes as protocol/src/pad.rs has them: of each line the number of its points, then their x and y.
function linesOf(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 1 + 2 * bytes[at]) {
    const line = bytes.subarray(at + 1, at + 1 + 2 * bytes[at]);
    lines.push(Array.from({ length: line.length >> 1 }, (_, index) => [line[2 * index], line[2 * index + 1]]));
  }
  return lines;
}

export function readNode(reader) {
  const kind = reader.oneOf(KINDS);
  return { kind, ...CONTENT[kind](reader) };
}

// The version that a frame is of; null when there is none.
export const versionOf = (bytes) => (bytes.length > 0 ? bytes[0] : null);

export function decodeScreen(bytes) {
  const r = new Reader(bytes);
  if (r.byte() !== VERSION) throw new RangeError("the frame is of another version");
  const screen = {
    number: r.number(),
    drawing: r.number(),
    name: r.text(),
    language: r.oneOf(LANGUAGES),
    title: r.text(),
    back: r.optional(() => r.text()),
    nodes: r.list(readNode),
    keepsSecret: r.flag(),
    tone: r.optional(() => ({ number: r.number(), sound: r.oneOf(SOUNDS) })),
  };
  r.end();
  return screen;
}

const ACTS = ["ready", "press", "type", "key", "choose", "open", "back", "touch", "exposure", "network"];

// An event: `act(302, "press", "next")`. What an act names and holds follows in the order of its variant.
export function encodeEvent(screen, act, ...parts) {
  const writer = new Writer().byte(VERSION).number(screen).number(ACTS.indexOf(act));
  for (const [index, part] of parts.entries()) {
    // A key's position is one byte, and a flag another, and so below 128 numbers as well.
    if (typeof part === "number") writer.number(part);
    else if (typeof part === "string") writer.text(part);
    else throw new TypeError(`part ${index} of ${act} is neither text nor number`);
  }
  return writer.done();
}
