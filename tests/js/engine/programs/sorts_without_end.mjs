// A processor, or with `module` a module, that stays inside one native call for far longer than its budget. The program tells what becomes
// of it, and ends when it plays again.
process.env.BACKLINE_PROCESSOR_BUDGET = '0.1';
delete process.env.BACKLINE_WORKLET_HEAP;
const { AudioContext, AudioWorkletNode } = await import('../../../../lib/index.js');
const { settings } = await import('../../../../lib/settings.js');
settings.device = 'virtual';

const context = new AudioContext();
await context.resume();
const addModule = (source) => context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(source)}`);
context.onstatechange = () => console.log(context.state);
context.onerror = ({ message }) => console.log(message);

function endWhenItPlays() {
  const time = context.currentTime;
  setInterval(() => {
    if (context.state !== 'running' || context.currentTime < time + 0.2) return;
    console.log('plays on');
    process.exit(0);
  }, 20);
}

const numbers = 'Array.from({ length: 2e6 }, (_, i) => (i * 7919) % 1999993 + 0.5)';
if (process.argv[2] === 'module') {
  await addModule(`const numbers = ${numbers}; for (;;) numbers.sort();`).catch(({ message }) => console.log(message));
  endWhenItPlays();
} else {
  await addModule(`registerProcessor('sorts', class extends AudioWorkletProcessor {
    numbers = ${numbers};
    process() { this.numbers.sort(); return true; } });`);
  const node = new AudioWorkletNode(context, 'sorts');
  node.connect(context.destination);
  node.onprocessorerror = ({ message }) => {
    console.log(message);
    endWhenItPlays();
  };
}
