// A processor that keeps the collector busy, and adds nothing to what sounds.
class Garbage extends AudioWorkletProcessor {
  #kept = new Map();
  #count = 0;

  process() {
    for (let i = 0; i < 20; i++) this.#kept.set(this.#count++ % 2000, { at: currentFrame, list: new Array(50).fill(i) });
    return true;
  }
}
registerProcessor('garbage', Garbage);
