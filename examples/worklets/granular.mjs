// A granular sampler in a worklet, which gets its sample by transfer: no copy stays here. Play it with ./run play examples/worklets/granular.mjs
import { AudioContext, AudioWorkletNode, OfflineAudioContext, OscillatorNode } from 'backline';

/// Two seconds of a tone that glides from 220 to 880 Hz, as a sample for the grains.
async function glide(sampleRate) {
  const offline = new OfflineAudioContext(1, 2 * sampleRate, sampleRate);
  const tone = new OscillatorNode(offline, { frequency: 220 });
  tone.frequency.setValueAtTime(220, 0);
  tone.frequency.exponentialRampToValueAtTime(880, 2);
  tone.connect(offline.destination);
  tone.start();
  const buffer = await offline.startRendering();
  return buffer.getChannelData(0).slice();
}

const context = new AudioContext();
await context.audioWorklet.addModule(new URL('granular-processor.js', import.meta.url));
const grains = new AudioWorkletNode(context, 'granular', { outputChannelCount: [2] });
grains.connect(context.destination);

const sample = await glide(context.sampleRate);
grains.port.postMessage({ sample }, [sample.buffer]);
console.log(`the sample went over: ${sample.length} frames are left here`);

// The place in the sample moves from its beginning to its end and back.
const position = grains.parameters.get('position');
position.setValueAtTime(0, context.currentTime);
position.linearRampToValueAtTime(1, context.currentTime + 4);
position.linearRampToValueAtTime(0, context.currentTime + 8);
setTimeout(() => context.close(), 8000);
