// Plays three seconds, pauses two, and ends.
import { setTimeout as sleep } from 'node:timers/promises';

export default async function play(context) {
  const tone = new OscillatorNode(context);
  tone.connect(context.destination);
  tone.start();
  await sleep(3000);
  await context.suspend();
  await sleep(2000);
  await context.close();
}
