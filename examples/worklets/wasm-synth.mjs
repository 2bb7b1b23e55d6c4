// A synthesizer in WebAssembly, with a memory of its own, in a worklet. Play it with ./run play examples/worklets/wasm-synth.mjs
import { readFileSync } from 'node:fs';
import { AudioContext, AudioWorkletNode } from 'backline';
import wabt from 'wabt';

const { parseWat } = await wabt();
const bytes = parseWat('wasm-synth.wat', readFileSync(new URL('wasm-synth.wat', import.meta.url), 'utf8'), { bulk_memory: true }).toBinary({}).buffer;

const context = new AudioContext();
await context.audioWorklet.addModule(new URL('wasm-synth-processor.js', import.meta.url));
const synth = new AudioWorkletNode(context, 'wasm-synth', { processorOptions: { module: bytes, quantum: context.renderQuantumSize } });
synth.connect(context.destination);

const chords = [[220, 277.18, 329.63], [293.66, 369.99, 440], [329.63, 415.3, 493.88], [220, 277.18, 329.63]];
for (const chord of chords) {
  chord.forEach((frequency, voice) => synth.port.postMessage({ voice, frequency, level: 0.2 }));
  await new Promise((resolve) => { setTimeout(resolve, 700); });
  chord.forEach((_, voice) => synth.port.postMessage({ voice, frequency: 0, level: 0 }));
  await new Promise((resolve) => { setTimeout(resolve, 100); });
}
await context.close();
