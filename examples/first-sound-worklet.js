// A plucked resonance that whatever comes in sets ringing: one comb filter for each ear, tuned a little apart, with a soft low-pass
// in the loop (Karplus and Strong's string, driven by sound instead of noise).

const lowestHertz = 20;
const apart = [0.9985, 1.0015];  // of the frequency, left and right

class Comb {
  constructor() {
    this.line = new Float32Array(Math.ceil(sampleRate / lowestHertz) + 2);
    this.position = 0;
    this.smoothed = 0;
  }

  /** `period`: frames, with a fraction, between the echoes; `loop`: gain once around; `brightness`: 1 leaves the echoes as they are. */
  next(input, period, loop, brightness) {
    const { line } = this;
    const whole = Math.floor(period);
    const fraction = period - whole;
    let late = this.position - whole;
    if (late < 0) late += line.length;
    const later = late === 0 ? line.length - 1 : late - 1;
    const echo = line[late] + fraction * (line[later] - line[late]);
    this.smoothed += brightness * (echo - this.smoothed);
    const output = input + loop * this.smoothed;
    line[this.position] = output;
    this.position = this.position + 1 === line.length ? 0 : this.position + 1;
    return output;
  }
}

registerProcessor('resonator', class extends AudioWorkletProcessor {
  static get parameterDescriptors() {
    return [
      { name: 'frequency', defaultValue: 110, minValue: lowestHertz, maxValue: 4000, automationRate: 'k-rate' },
      { name: 'decay', defaultValue: 2, minValue: 0.05, maxValue: 20, automationRate: 'k-rate' },       // seconds to -60 dB
      { name: 'brightness', defaultValue: 0.6, minValue: 0.05, maxValue: 1, automationRate: 'k-rate' },
      { name: 'mix', defaultValue: 0.5, minValue: 0, maxValue: 1, automationRate: 'a-rate' },
    ];
  }

  constructor() {
    super();
    this.combs = apart.map(() => new Comb());
  }

  process([input], [output], { frequency, decay, brightness, mix }) {
    const loop = 0.001 ** (1 / (frequency[0] * decay[0]));
    const wetLevel = 0.35 * Math.sqrt(1 - loop * loop) + 0.05;  // a longer ring is not a louder one
    for (let c = 0; c < output.length; ++c) {
      const comb = this.combs[c];
      const source = input.length ? input[Math.min(c, input.length - 1)] : undefined;
      const period = sampleRate / (frequency[0] * apart[c]);
      const channel = output[c];
      for (let i = 0; i < channel.length; ++i) {
        const dry = source ? source[i] : 0;
        const wet = comb.next(dry, period, loop, brightness[0]) - dry;
        const amount = mix.length > 1 ? mix[i] : mix[0];
        channel[i] = (1 - amount) * dry + amount * wet * wetLevel * 4;
      }
    }
    return true;
  }
});
