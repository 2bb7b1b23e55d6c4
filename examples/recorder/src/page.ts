// The page: a button that starts and stops, a level, a link to what was recorded.
import { Recorder } from './recorder.js';

const button = document.querySelector<HTMLButtonElement>('#record')!;
const level = document.querySelector<HTMLMeterElement>('#level')!;
const takes = document.querySelector<HTMLUListElement>('#takes')!;
const failure = document.querySelector<HTMLParagraphElement>('#failure')!;
let recorder: Recorder | undefined;

async function start() {
  recorder = await Recorder.start();
  recorder.onlevel = (peak) => { level.value = Math.max(peak, level.value * 0.98); };
  button.textContent = 'Stop';
}

async function stop() {
  const file = await recorder!.stop();
  recorder = undefined;
  level.value = 0;
  button.textContent = 'Record';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = link.textContent = `take-${takes.children.length + 1}.wav`;
  const sound = document.createElement('audio');
  sound.controls = true;
  sound.src = link.href;
  const item = document.createElement('li');
  item.append(link, sound);
  takes.append(item);
}

button.onclick = async () => {
  button.disabled = true;
  failure.textContent = '';
  await (recorder ? stop() : start()).catch((error: Error) => { failure.textContent = `${error.name}: ${error.message}`; });
  button.disabled = false;
};
