// A screen of its own in a terminal, left as it was found however the program ends.

import { setTimeout as sleep } from 'node:timers/promises';

const kEnter = '\x1b[?1049h\x1b[?25l', kLeave = '\x1b[?25h\x1b[?1049l';
const kHome = '\x1b[H', kClearLine = '\x1b[K', kClearBelow = '\x1b[J';
const kSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export class Screen {
  left = false;
  #stream;
  #turn = new AbortController();
  #leave = () => this.close();
  #handlers = Object.entries(kSignals).map(([signal, status]) => [signal, () => this.#stop(signal === 'SIGINT' ? 0 : status)]);
  #resized = () => this.#turn.abort();
  #keys = (key) => { if (/[q\u0003\u0004]/.test(String(key))) this.#stop(0); };

  constructor(stream) {
    this.#stream = stream;
    process.on('exit', this.#leave);
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
    stream.on('resize', this.#resized);
    if (process.stdin.isTTY) process.stdin.setRawMode(true).resume().on('data', this.#keys);
    stream.write(kEnter);
  }

  get columns() { return this.#stream.columns || 80; }
  get rows() { return this.#stream.rows || 24; }

  #stop(status) {
    process.exitCode = status;
    this.left = true;
    this.#turn.abort();
  }

  /** Shows these lines in place of those before. */
  show(text) {
    this.#stream.write(`${kHome}${text.slice(0, this.rows).map((line) => line + kClearLine).join('\r\n')}${kClearBelow}`);
  }

  /** Until it is time to show again: after so many milliseconds, at once when the terminal has another size, or when it was left. */
  async pause(milliseconds) {
    if (this.left) return;
    this.#turn = new AbortController();
    await sleep(milliseconds, undefined, { signal: this.#turn.signal }).catch(() => {});
  }

  /** Gives the terminal back. */
  close() {
    this.left = true;
    process.off('exit', this.#leave);
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
    this.#stream.off('resize', this.#resized);
    if (process.stdin.isTTY) process.stdin.off('data', this.#keys).setRawMode(false).pause();
    this.#stream.write(kLeave);
  }
}
