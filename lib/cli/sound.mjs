// A sound file that `backline play` plays in place of a program.

import { pathToFileURL } from 'node:url';
import { Failure } from './failure.mjs';

const kSound = /\.(wav|wave|rf64|w64|aif|aiff|aifc|au|snd|caf|flac|mp3|ogg|oga|opus|m4a|mp4|aac|webm|mka|wv)$/i;
const kSeekSeconds = 5;
const kVolumeStep = 0.05;
const kKey = /\x1b[[O][A-D]|./gs;   // several may come at once

export const kKeys = '← → seek, ↑ ↓ volume, space pauses, q quits';

/** By its name: everything else is a program. */
export const isSound = (name) => kSound.test(name);

/** Plays a file in a context of its own. Emits nothing: `done` settles at its end, or rejects with a Failure that says what is wrong. */
export class Sound {
  #keys = (typed) => this.type(String(typed));

  async start(path) {
    const { Audio, AudioContext } = await import('../index.js');
    this.context = new AudioContext({ latencyHint: 'playback' });
    this.element = new Audio();
    this.context.createMediaElementSource(this.element).connect(this.context.destination);
    this.done = new Promise((over, fail) => {
      this.quit = over;
      this.element.onerror = () => fail(new Failure(this.element.error.message));
      // What has been rendered is yet to be heard.
      this.element.onended = () => setTimeout(over, 1000 * (this.context.baseLatency + this.context.outputLatency));
    });
    this.element.src = pathToFileURL(path).href;
    this.element.play().catch(() => {});   // onerror tells
    if (process.stdin.isTTY) process.stdin.setRawMode(true).resume().on('data', this.#keys);
    return this.done;
  }

  /** What was typed: any number of keys. */
  type(text) {
    for (const key of text.match(kKey) ?? []) this.press(key);
  }

  /** What a key does. */
  press(key) {
    const { element } = this;
    const arrow = /^\x1b.(.)/.exec(key)?.[1];
    if (key === ' ') element.paused ? element.play().catch(() => {}) : element.pause();
    else if (arrow === 'C') this.#seek(kSeekSeconds);
    else if (arrow === 'D') this.#seek(-kSeekSeconds);
    else if (arrow === 'A') element.volume = Math.min(1, element.volume + kVolumeStep);
    else if (arrow === 'B') element.volume = Math.max(0, element.volume - kVolumeStep);
    else if (key === 'q' || key === '\x04') this.quit();
    else if (key === '\x03') process.kill(process.pid, 'SIGINT');
  }

  #seek(seconds) {
    this.element.currentTime = Math.max(0, this.element.currentTime + seconds);
  }

  /** {at, duration} in seconds, paused, volume. */
  get position() {
    const { currentTime: at, duration, paused, volume } = this.element;
    return { at, duration, paused, volume };
  }

  close() {
    this.element?.pause();
    if (process.stdin.isTTY) process.stdin.off('data', this.#keys).setRawMode(false).pause();
  }
}
