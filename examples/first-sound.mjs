// The first sound: a recorded voice through a resonator written in JavaScript, over slow chords of oscillators.
//
// Hear it with `./run`, with `node examples/first-sound.mjs`, or render it with `./run render examples/first-sound.mjs -o first.wav`.
// Everything is scheduled ahead, so that a live run plays the same samples as an offline one.

import { readFile, realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  AudioBufferSourceNode, AudioContext, AudioWorkletNode, ConstantSourceNode, GainNode, OscillatorNode,
} from 'backline';

const recording = process.env.FIRST_SOUND_RECORDING || '/usr/share/sounds/alsa/Front_Center.wav';
const ahead = 0.5;      // seconds between asking for the first note and hearing it
const chordSeconds = 6;
const passes = 5;       // of the progression: two minutes
const tail = 3;         // seconds in which the last notes die away

// Four chords, a bass note and three above it, in semitones from A4: Am9, Fmaj7, C, G6.
const progression = [
  [-24, 0, 3, 14], [-28, -4, 0, 7], [-21, -5, 3, 7], [-26, -7, 2, 5],
];
// Semitones of the resonator's notes above each chord's root, one for each time the voice speaks.
const answers = [[0, 7], [4, 12], [7, 4], [5, 12]];

const hertz = (semitones) => 440 * 2 ** (semitones / 12);

async function loadRecording(context) {
  let bytes;
  try {
    bytes = await readFile(recording);
  } catch (cause) {
    throw new Error(`there is no recording at ${recording}: install Debian's package alsa-utils, or name another file in `
      + 'FIRST_SOUND_RECORDING', { cause });
  }
  return context.decodeAudioData(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** One note of a chord: a wave that swells and fades, and is done. */
function playNote(context, destination, { type, frequency, detune, start, level }) {
  const oscillator = new OscillatorNode(context, { type, frequency, detune });
  const envelope = new GainNode(context, { gain: 0 });
  envelope.gain.setValueAtTime(0, start);
  envelope.gain.linearRampToValueAtTime(level, start + 1.5);
  envelope.gain.setTargetAtTime(0, start + chordSeconds - 1, 0.6);
  oscillator.connect(envelope).connect(destination);
  oscillator.start(start);
  oscillator.stop(start + chordSeconds + tail);
}

function playChord(context, destination, [bass, ...upper], start) {
  playNote(context, destination, { type: 'triangle', frequency: hertz(bass), detune: 0, start, level: 0.16 });
  for (const semitones of upper) {
    const frequency = hertz(semitones - 12);
    playNote(context, destination, { type: 'sine', frequency, detune: -4, start, level: 0.045 });
    playNote(context, destination, { type: 'triangle', frequency, detune: 5, start: start + 0.25, level: 0.035 });
  }
}

/** The voice, twice a chord, the second time lower and softer; the resonator is tuned to the chord as it speaks. */
function speak(context, voice, resonator, buffer, [bass], notes, start) {
  notes.forEach((semitones, i) => {
    const at = start + 0.75 + i * chordSeconds / 2;
    resonator.parameters.get('frequency').setValueAtTime(hertz(bass + 12 + semitones), at);
    const source = new AudioBufferSourceNode(context, { buffer, playbackRate: i ? 0.75 : 1 });
    const level = new GainNode(context, { gain: i ? 0.5 : 0.8 });
    source.connect(level).connect(voice);
    source.start(at);
  });
}

/** Builds the piece in any context, live or offline, and starts it. */
export default async function firstSound(context) {
  let start = context.currentTime + ahead;
  const [buffer] = await Promise.all([
    loadRecording(context),
    context.audioWorklet.addModule(new URL('first-sound-worklet.js', import.meta.url).href),
  ]);

  const master = new GainNode(context, { gain: 0 });
  master.connect(context.destination);
  const resonator = new AudioWorkletNode(context, 'resonator', {
    numberOfOutputs: 1, outputChannelCount: [2], parameterData: { decay: 2.5, brightness: 0.55, mix: 0.45 },
  });
  const voice = new GainNode(context, { gain: 0.9 });
  voice.connect(resonator).connect(master);

  if (context.currentTime > start - ahead / 4) start = context.currentTime + ahead;  // loading took too long for the first plan
  const end = start + passes * progression.length * chordSeconds;
  master.gain.setValueAtTime(0, start);
  master.gain.linearRampToValueAtTime(0.9, start + 0.2);
  master.gain.setValueAtTime(0.9, end);
  master.gain.linearRampToValueAtTime(0, end + tail);
  for (let pass = 0; pass < passes; ++pass) {
    progression.forEach((chord, i) => {
      const at = start + (pass * progression.length + i) * chordSeconds;
      playChord(context, master, chord, at);
      speak(context, voice, resonator, buffer, chord, answers[(i + pass) % answers.length], at);
    });
  }

  const last = new ConstantSourceNode(context, { offset: 0 });
  last.connect(master);
  last.onended = () => context.close?.();
  last.start(start);
  last.stop(end + tail);
}

// Started by itself, with `node` or `./run`, it makes its own context; imported, by `render` or a test, it waits to be given one.
if (process.argv[1] && await realpath(process.argv[1]).catch(() => '') === fileURLToPath(import.meta.url)) {
  await firstSound(new AudioContext());
}
