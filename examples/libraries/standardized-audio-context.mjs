// standardized-audio-context: its nodes over Backline's, a worklet among them. Play it with ./run play examples/libraries/standardized-audio-context.mjs
import 'backline/polyfill';
import { AudioContext, AudioWorkletNode, GainNode, OscillatorNode, isSupported } from 'standardized-audio-context';

console.log(await isSupported() ? 'standardized-audio-context: all that it asks for is there' : 'standardized-audio-context: something is missing');

const context = new AudioContext();
const ring = URL.createObjectURL(new Blob([`
  registerProcessor('ring', class extends AudioWorkletProcessor {
    process([input], [output]) {
      for (let c = 0; c < output.length; ++c) {
        for (let i = 0; i < output[c].length; ++i) output[c][i] = (input[c]?.[i] ?? 0) * Math.sin((currentFrame + i) / sampleRate * 2 * Math.PI * 110);
      }
      return true;
    }
  });`], { type: 'text/javascript' }));
await context.audioWorklet.addModule(ring);

const tone = new OscillatorNode(context, { frequency: 440 });
const level = new GainNode(context, { gain: 0.3 });
tone.connect(new AudioWorkletNode(context, 'ring')).connect(level).connect(context.destination);
tone.start();
tone.stop(context.currentTime + 4);
tone.onended = () => context.close();
