// Grains of a sample, under a Hann window, each a little elsewhere in the sample and in the stereo picture.
const kMost = 32;   // grains that sound at once

registerProcessor('granular', class extends AudioWorkletProcessor {
  static parameterDescriptors = [
    { name: 'position', defaultValue: 0, minValue: 0, maxValue: 1 },                             // of the sample
    { name: 'density', defaultValue: 40, minValue: 1, maxValue: 200, automationRate: 'k-rate' },  // grains a second
    { name: 'length', defaultValue: 0.08, minValue: 0.005, maxValue: 1, automationRate: 'k-rate' },   // seconds
    { name: 'spread', defaultValue: 0.01, minValue: 0, maxValue: 1, automationRate: 'k-rate' },   // of the sample, to both sides
  ];

  #sample = null;
  #grains = Array.from({ length: kMost }, () => ({ place: 0, age: 0, length: 0, left: 0, right: 0 }));
  #untilNext = 0;   // frames

  constructor() {
    super();
    this.port.onmessage = ({ data }) => { this.#sample = data.sample; };
  }

  process(inputs, [[left, right]], { position, density: [density], length: [length], spread: [spread] }) {
    if (this.#sample === null) return true;
    for (let i = 0; i < left.length; ++i) {
      if (--this.#untilNext < 0) {
        this.#untilNext = sampleRate / density;
        this.#begin(position.length > 1 ? position[i] : position[0], Math.round(length * sampleRate), spread);
      }
    }
    for (const grain of this.#grains) if (grain.age < grain.length) this.#play(grain, left, right);
    return true;
  }

  #begin(position, length, spread) {
    const grain = this.#grains.find(({ age, length }) => age >= length);
    if (grain === undefined) return;
    const last = this.#sample.length - length - 1;
    const pan = Math.random();
    grain.place = Math.round(Math.max(0, Math.min(1, position + spread * (2 * Math.random() - 1))) * last);
    grain.age = 0;
    grain.length = length;
    grain.left = 0.4 * Math.cos(pan * Math.PI / 2);
    grain.right = 0.4 * Math.sin(pan * Math.PI / 2);
  }

  #play(grain, left, right) {
    const step = 2 * Math.PI / grain.length;
    const frames = Math.min(left.length, grain.length - grain.age);
    for (let i = 0; i < frames; ++i, ++grain.age) {
      const value = this.#sample[grain.place + grain.age] * (0.5 - 0.5 * Math.cos(step * grain.age));
      left[i] += value * grain.left;
      right[i] += value * grain.right;
    }
  }
});
