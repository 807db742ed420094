// What lies around the phone: cards to tap, the bank's e-mail, the customer's phone, files that were saved. No part of
// the product: a real shop has these without us.

import { make } from "./nodes.js";

export class Table {
  #wish;
  #places = {};
  #shown = {};

  // `wish(object)` tells the program what was done at the table.
  constructor(wish) {
    this.#wish = wish;
    for (const name of ["cards", "held", "email", "messages", "files", "problem", "phones"]) {
      this.#places[name] = document.getElementById(name);
    }
  }

  show(table) {
    this.#cards(table);
    this.#part("held", table.held, (name) => [
      make("span", { class: "card-name", text: name }),
      make("button", { type: "button", text: "Take the card away", on: ["click", () => this.#wish("take_away")] }),
    ]);
    this.#part("email", table.email, (code) => [
      make("p", {}, "Your activation code: ", make("strong", { class: "code", text: code })),
      make("p", { class: "small", text: "Type it on the phone; capitals and dashes do not matter." }),
    ]);
    this.#part("messages", table.messages, (messages) => messages.map(({ to, text }) =>
      make("li", {}, make("span", { class: "small", text: `SMS to ${to}` }), make("p", { text }))));
    this.#part("files", table.files, (files) => files.map(({ name, address }) =>
      make("li", {}, make("a", { href: address, download: name, text: name }))));
    this.#part("problem", table.problem, (problem) => [problem]);
    this.#part("phones", table.phones > 1 ? table : null, (table) => this.#phones(table));
  }

  // A part is made anew only when it differs, so that the focus stays in the others.
  #part(name, value, children) {
    const text = JSON.stringify(value);
    if (this.#shown[name] === text) return;
    this.#shown[name] = text;
    this.#places[name].replaceChildren(...(value === null ? [] : children(value)));
  }

  #cards({ cards, held }) {
    const place = this.#places.cards;
    if (place.children.length !== cards.length) {
      place.replaceChildren(...cards.map(({ name, shows }) => make("li", {}, make("button",
        { type: "button", class: `card ${name}`, "data-card": name, on: ["click", () => this.#tap(name)] },
        make("span", { class: "card-name", text: name }), make("span", { class: "card-shows", text: shows })))));
    }
    for (const button of place.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", button.dataset.card === held);
    }
  }

  #tap(name) {
    const pressed = this.#places.cards.querySelector("[aria-pressed=true]");
    this.#wish(pressed?.dataset.card === name ? "take_away" : { tap: name });
  }

  #phones({ phone, phones }) {
    return Array.from({ length: phones }, (_, index) => {
      const number = index + 1;
      const current = number === phone ? "page" : null;
      return make("a", { href: `/?phone=${number}`, "aria-current": current, text: `Phone ${number}` });
    });
  }
}
