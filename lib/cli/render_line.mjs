// The line at the foot of a terminal while something is rendered: how far it is, how fast, how long yet.

const kPlaces = 24;
const kShowEvery = 100;   // milliseconds

function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => `${number}`.padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Text of the line: `frames` of `length` at `sampleRate` after `elapsed` milliseconds. */
export function renderText(name, { frames, length, sampleRate, elapsed }) {
  const part = frames / length;
  const full = Math.round(part * kPlaces);
  const speed = frames / sampleRate / (elapsed / 1000);
  const left = elapsed / 1000 * (1 - part) / part;
  return `${name} ${'━'.repeat(full)}${'─'.repeat(kPlaces - full)} ${Math.floor(part * 100)} %  ${clock(frames / sampleRate)} of ${clock(length / sampleRate)}, ` +
    `${speed < 10 ? speed.toFixed(1) : Math.round(speed)} times as fast as it sounds, ${clock(Math.ceil(left))} left`;
}

/** Draws nothing where there is no terminal. */
export class RenderLine {
  #stream;
  #name;
  #context;
  #begun = performance.now();
  #shown = 0;

  constructor(stream, name, context) {
    if (stream.isTTY) this.#stream = stream;
    this.#name = name;
    this.#context = context;
  }

  show(frames) {
    const now = performance.now();
    if (!this.#stream || now - this.#shown < kShowEvery) return;
    this.#shown = now;
    const { length, sampleRate } = this.#context;
    const text = renderText(this.#name, { frames, length, sampleRate, elapsed: now - this.#begun });
    this.#stream.write(`\r${text.slice(0, this.#stream.columns - 1)}\x1b[K`);
  }

  end() {
    if (this.#stream && this.#shown > 0) this.#stream.write('\r\x1b[K');
    this.#shown = 0;
  }
}
