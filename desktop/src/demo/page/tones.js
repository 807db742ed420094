// What is to be heard (EMV Contactless Book A, audio indications), each once. The first number a page sees was
// played before it came. A browser is silent until its user has done something, so a tone is shown as well.

const SHOWN_MS = 1500;
// Hertz, then when each beep begins and ends, in seconds.
const SOUNDS = {
  success: { hertz: 1500, beeps: [[0, 0.5]] },
  alert: { hertz: 750, beeps: [[0, 0.2], [0.4, 0.6]] },
};

export class Tones {
  #played = null;
  #audio = null;
  #shown;
  #timer = 0;

  // `shown` is the element in which a tone is seen.
  constructor(shown) {
    this.#shown = shown;
    const wake = () => {
      if (!navigator.userActivation.hasBeenActive) return;
      this.#audio ??= new AudioContext();
      this.#audio.resume();
    };
    addEventListener("pointerdown", wake);
    addEventListener("keydown", wake);
  }

  hear(tone, first) {
    const number = tone?.number ?? 0;
    const isNew = !first && tone !== null && number !== this.#played;
    this.#played = number;
    if (!isNew) return;
    this.#shown.textContent = tone.sound === "success" ? "♪" : "♪ ♪";
    this.#shown.title = `${tone.sound} tone`;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#shown.textContent = ""), SHOWN_MS);
    if (this.#audio) this.#play(SOUNDS[tone.sound]);
  }

  #play({ hertz, beeps }) {
    const volume = this.#audio.createGain();
    volume.gain.value = 0.2;
    volume.connect(this.#audio.destination);
    for (const [begin, end] of beeps) {
      const beep = this.#audio.createOscillator();
      beep.frequency.value = hertz;
      beep.connect(volume);
      beep.start(this.#audio.currentTime + begin);
      beep.stop(this.#audio.currentTime + end);
    }
  }
}
