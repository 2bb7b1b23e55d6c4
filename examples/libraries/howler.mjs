// Howler: a sound file and its sprites, faded and panned. Play it with ./run play examples/libraries/howler.mjs
import 'backline/polyfill';
import howler from 'howler';
import { OfflineAudioContext, OscillatorNode } from 'backline';
import { wavURL } from './wav.mjs';

const { Howl, Howler } = howler;
Howler.autoSuspend = false;   // its timer would hold the program for half a minute

/// Three tones of half a second each, 440, 660 and 880 Hz, as a sound file's URL.
async function tones() {
  const context = new OfflineAudioContext(1, 3 * 22050, 44100);
  [440, 660, 880].forEach((frequency, i) => {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(context.destination);
    tone.start(i / 2);
    tone.stop(i / 2 + 0.5);
  });
  return wavURL(await context.startRendering());
}

const sound = new Howl({ src: [await tones()], format: ['wav'], volume: 0.5, sprite: { low: [0, 500], middle: [500, 500], high: [1000, 500] } });
const order = ['low', 'middle', 'high', 'low'];
sound.on('end', () => {
  const next = order.shift();
  if (next) sound.play(next);
  else Howler.ctx.close();
});
sound.play(order.shift());
