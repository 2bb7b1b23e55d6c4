// Howler: a sound file and its sprites, faded and panned. Play it with ./run play examples/libraries/howler.mjs
import 'backline/polyfill';
import howler from 'howler';
import { OfflineAudioContext, OscillatorNode } from 'backline';

const { Howl, Howler } = howler;
Howler.autoSuspend = false;   // its timer would hold the program for half a minute

/// A WAV file as a data: URL: three tones of half a second each, 440, 660 and 880 Hz.
async function tones() {
  const context = new OfflineAudioContext(1, 3 * 22050, 44100);
  [440, 660, 880].forEach((frequency, i) => {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(context.destination);
    tone.start(i / 2);
    tone.stop(i / 2 + 0.5);
  });
  const samples = (await context.startRendering()).getChannelData(0);
  const wav = Buffer.alloc(44 + 2 * samples.length);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  [[16, 16], [22, 1]].forEach(([place, value]) => wav.writeUInt32LE(value, place));
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(44100, 24);
  wav.writeUInt32LE(88200, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => wav.writeInt16LE(Math.round(sample * 20000), 44 + 2 * i));
  return `data:audio/wav;base64,${wav.toString('base64')}`;
}

const sound = new Howl({ src: [await tones()], format: ['wav'], volume: 0.5, sprite: { low: [0, 500], middle: [500, 500], high: [1000, 500] } });
const order = ['low', 'middle', 'high', 'low'];
sound.on('end', () => {
  const next = order.shift();
  if (next) sound.play(next);
  else Howler.ctx.close();
});
sound.play(order.shift());
