// The line to the program: screens and the table come in, events and wishes go out. A lost line is opened again,
// later each time, at once when the user comes back to the page.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4000;
// The program closes so when it knows that trying again is of no use.
const REFUSED = 1008;

export class Line {
  #address;
  #to;
  #socket = null;
  #wait = FIRST_WAIT_MS;
  #timer = 0;

  // `to` has `screen(bytes)`, `table(object)`, `opened()` and `lost(reason)`.
  constructor(address, to) {
    this.#address = address;
    this.#to = to;
    addEventListener("online", () => this.#hurry());
    addEventListener("visibilitychange", () => document.hidden || this.#hurry());
    this.#open();
  }

  event(bytes) {
    this.#send(bytes);
  }

  wish(object) {
    this.#send(JSON.stringify(object));
  }

  // What cannot be sent is dropped: the screen is covered while the line is lost.
  #send(data) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  #open() {
    const socket = new WebSocket(this.#address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = FIRST_WAIT_MS;
      this.#to.opened();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#to.table(JSON.parse(data));
      else this.#to.screen(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      this.#socket = null;
      this.#to.lost(reason);
      if (code === REFUSED) return;
      this.#timer = setTimeout(() => this.#open(), this.#wait * (0.75 + Math.random() / 2));
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    };
    this.#socket = socket;
  }

  #hurry() {
    if (this.#socket !== null || this.#timer === 0) return;
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT_MS;
    this.#open();
  }
}
