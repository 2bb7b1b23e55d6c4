// Renders five seconds into a file, faster than they sound: ./run render examples/ten-lines/render.mjs --seconds 5 -o out.flac
import { BiquadFilterNode, GainNode, OscillatorNode } from 'backline';

export default function build(context) {
  const level = new GainNode(context, { gain: 0.3 });
  const filter = new BiquadFilterNode(context, { frequency: 200, Q: 8 });
  for (const frequency of [55, 110.5, 164.8]) {
    const saw = new OscillatorNode(context, { type: 'sawtooth', frequency });
    saw.connect(filter);
    saw.start();
  }
  filter.connect(level).connect(context.destination);
  filter.frequency.exponentialRampToValueAtTime(4000, 5);
}
