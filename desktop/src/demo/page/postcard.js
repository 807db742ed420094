// What screens and events are written in: postcard (https://postcard.jamesmunns.com/wire-format). Reading is strict:
// bytes that end too early, or that are left over, are an error and no screen.

export class Reader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  byte() {
    if (this.#at >= this.#bytes.length) throw new RangeError("the frame ends too early");
    return this.#bytes[this.#at++];
  }

  // Unsigned, up to 32 bits: seven bits a byte, the lowest first.
  number() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number has more than 32 bits");
  }

  flag() {
    const byte = this.byte();
    if (byte > 1) throw new RangeError("a flag is neither 0 nor 1");
    return byte === 1;
  }

  bytes() {
    const length = this.number();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new RangeError("the frame ends too early");
    this.#at += length;
    return bytes;
  }

  text() {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes());
  }

  optional(read) {
    return this.flag() ? read(this) : null;
  }

  list(read) {
    return Array.from({ length: this.number() }, () => read(this));
  }

  // One of an enum's names, which stand in the order of the enum.
  oneOf(names) {
    const name = names[this.number()];
    if (name === undefined) throw new RangeError("a variant is not known here");
    return name;
  }

  end() {
    if (this.#at !== this.#bytes.length) throw new RangeError("the frame goes on after its end");
  }
}

export class Writer {
  #bytes = [];

  byte(value) {
    this.#bytes.push(value);
    return this;
  }

  number(value) {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.#bytes.push((value % 0x80) | 0x80);
    this.#bytes.push(value);
    return this;
  }

  text(value) {
    const bytes = new TextEncoder().encode(value);
    this.number(bytes.length).#bytes.push(...bytes);
    return this;
  }

  done() {
    return Uint8Array.from(this.#bytes);
  }
}
