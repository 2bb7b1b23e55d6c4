// superdough, the engine of Strudel: synthesizers, noise, a sample and worklets, each note at its time. Play it with ./run play examples/libraries/superdough.mjs
//
// superdough is AGPL-3.0-or-later: here a dependency of development, and no part of the package. A program that is shipped with it is shipped
// under that license as a whole, with its source; who lets others use a changed superdough over a network owes them the source too.
import 'backline/polyfill';
import { getAudioContext, initAudio, registerSynthSounds, samples, superdough } from 'superdough';
import { wavURL } from './wav.mjs';

/// A bell of half a second at 660 Hz, as a sound file's URL.
async function bell() {
  const context = new OfflineAudioContext(1, 24000, 48000);
  const tone = new OscillatorNode(context, { frequency: 660 });
  const level = new GainNode(context);
  tone.connect(level).connect(context.destination);
  level.gain.setTargetAtTime(0, 0, 0.15);
  tone.start();
  return wavURL(await context.startRendering());
}

/// Seconds, how long, and what. What echoes or stays in a room has an orbit of its own.
const piece = [
  [0, 0.4, { s: 'sawtooth', note: 'a2', cutoff: 440 }],
  [0.5, 0.4, { s: 'supersaw', note: 'e3' }],
  [1, 0.4, { s: 'white', hcutoff: 6000, gain: 0.4 }],
  [1.5, 0.5, { s: 'bell' }],
  [2, 0.25, { s: 'bell', speed: 2 }],
  [2.5, 0.1, { s: 'sine', note: 'c5', delay: 0.5, delaytime: 0.25, delayfeedback: 0.5, orbit: 2 }],
  [3.5, 0.4, { s: 'sine', note: 'a4', shape: 0.5 }],
  [4, 0.4, { s: 'triangle', note: 'e4', crush: 4 }],
  [4.5, 0.4, { s: 'sine', note: 'a3', coarse: 8 }],
  [5, 0.2, { s: 'white', room: 1, roomlp: 0, orbit: 3 }],   // unfiltered, so that the room is there at once
];

const context = getAudioContext();
await context.suspend();   // so that all is written down before the first note sounds
await initAudio();
registerSynthSounds();
await samples({ bell: await bell() });

const start = context.currentTime + 0.1;
await Promise.all(piece.map(([seconds, duration, value]) => superdough(value, start + seconds, duration)));
const end = new ConstantSourceNode(context, { offset: 0 });
end.onended = () => context.close();
end.start();
end.stop(start + 7);
await context.resume();
