// The phone's screen: draws what it is given and says back what is done to it. It keeps no state but what is drawn.

import { BUILD, centre, make } from "./nodes.js";

const SAID_AT_ONCE = ["success", "failure", "warning"];

export class Phone {
  #act;
  #screen = null;
  #drawn = [];
  #app;
  #title = make("h1", { tabindex: "-1", "data-focus": "title" });
  #back = make("button", { type: "button", class: "back", "data-focus": "back" });
  #nodes = make("div", { class: "nodes" });
  #scroller = make("div", { class: "scroller" }, this.#nodes);
  // Screen readers say what changes in these two, which are always there.
  #polite = make("p", { class: "for-readers", "aria-live": "polite" });
  #urgent = make("p", { class: "for-readers", "aria-live": "assertive" });

  // `act(screen number, act, …parts)` says back what was done.
  constructor(app, act) {
    this.#app = app;
    this.#act = (...done) => act(this.#screen.number, ...done);
    this.#back.addEventListener("click", () => this.#act("back"));
    addEventListener("keydown", (event) => this.#key(event));
    app.append(make("header", {}, this.#back, this.#title), this.#scroller, this.#polite, this.#urgent);
  }

  // The line was lost: what comes next is drawn from nothing.
  forget() {
    this.#screen = null;
  }

  show(screen) {
    const isNewPlace = this.#screen?.number !== screen.number;
    this.#screen = screen;
    this.#app.lang = screen.language;
    this.#app.dataset.screen = screen.name;
    this.#title.textContent = screen.title;
    this.#back.hidden = screen.back === null;
    this.#back.textContent = screen.back ?? "";
    const focused = this.#app.contains(document.activeElement) ? document.activeElement : null;
    const focus = focused?.dataset.focus;
    if (isNewPlace) this.#drawn = [];
    const left = this.#drawn;
    this.#drawn = screen.nodes.map((node) => this.#node(node, left));
    this.#arrange(this.#drawn.map(({ element }) => element));
    if (isNewPlace) this.#enter(focused);
    else if (focus && !this.#app.contains(document.activeElement)) this.#focus(focus);
    this.#tell(screen);
  }

  // A node: the next one of its sort that is `left`, changed where it stands, or else a new one.
  #node(node, left) {
    const text = JSON.stringify(node);
    const sort = [node.kind, node.id, node.style].join(" ");
    const index = left.findIndex((old) => old.sort === sort);
    const [old] = index < 0 ? [] : left.splice(index, 1);
    if (old && (old.text === text || old.change(node))) return { ...old, text };
    const made = BUILD[node.kind](node, this.#act);
    made.change(node);
    return { ...made, sort, text };
  }

  // Touches only what is not there already: moving an element would take its focus and scrolling away.
  #arrange(elements) {
    for (const [index, element] of elements.entries()) {
      const there = this.#nodes.children[index];
      if (there === element) continue;
      if (there && !elements.includes(there)) there.replaceWith(element);
      else this.#nodes.insertBefore(element, there ?? null);
    }
    while (this.#nodes.children.length > elements.length) this.#nodes.lastChild.remove();
  }

  // A new place: from the top, with the focus on what is to be typed if typing is what comes first, unless the user
  // is beside the phone.
  #enter(focused) {
    this.#scroller.scrollTop = 0;
    if (!focused && document.activeElement !== document.body) return;
    const first = this.#nodes.querySelector("input, button");
    const isForTyping = first?.matches(".line input") && !this.#nodes.querySelector(".rows");
    (isForTyping ? first : this.#title).focus({ preventScroll: true });
  }

  #focus(name) {
    const named = [...this.#app.querySelectorAll("[data-focus]")].find(({ dataset }) => dataset.focus === name);
    (named ?? this.#title).focus({ preventScroll: true });
  }

  #tell({ nodes }) {
    const texts = (styles) =>
      nodes.filter(({ kind, style }) => kind === "text" && styles.includes(style)).map(({ text }) => text).join(" ");
    for (const [region, said] of [[this.#polite, texts(["prompt"])], [this.#urgent, texts(SAID_AT_ONCE)]]) {
      if (region.textContent !== said) region.textContent = said;
    }
  }

  // A keyboard's keys mean what the screen's keys mean. A PIN pad's digits have no keys: they are not known here.
  #key(event) {
    if (!this.#screen || this.#app.inert || event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    const isTyping = target.matches("input:not([type=radio])");
    const isOwn = target.matches("button:focus-visible, a:focus-visible, summary, select, [type=radio]");
    let done = null;
    if (/^[0-9]$/.test(key) && !isTyping) done = this.#keyOf("digit", key);
    else if (key === "Backspace" && !isTyping) done = this.#keyOf("erase") ?? this.#keyOf("clear");
    else if (key === "Delete" && !isTyping) done = this.#keyOf("clear");
    else if (key === "Escape") done = this.#keyOf("cancel") ?? this.#button(({ id }) => id === "cancel") ?? this.#wayBack();
    else if (key === "Enter" && !isOwn && !event.repeat) done = this.#keyOf("confirm") ?? this.#button(({ style }) => style === "primary");
    if (!done) return;
    event.preventDefault();
    this.#act(...done);
  }

  #keyOf(role, label) {
    const keys = this.#screen.nodes.find(({ kind }) => kind === "keypad")?.keys ?? [];
    const index = keys.findIndex((key) => key.role === role && key.enabled && (label ?? key.label) === key.label);
    return index < 0 ? this.#padKey(role) : ["key", index];
  }

  #padKey(role) {
    const { pad, keys } = this.#screen.nodes.find(({ kind }) => kind === "pin-pad") ?? { keys: [] };
    const key = role === "digit" ? null : keys.find((key) => key.role === role && key.enabled);
    return key ? ["touch", pad, ...centre(key.area)] : null;
  }

  #button(isMeant) {
    const buttons = this.#screen.nodes.flatMap((node) => node.buttons ?? []);
    const button = buttons.find((button) => button.enabled && isMeant(button));
    return button ? ["press", button.id] : null;
  }

  #wayBack() {
    return this.#screen.back === null ? null : ["back"];
  }
}
