// A processor that stays inside one native call for far longer than its budget. The program tells what becomes of it, and ends when it plays again.
process.env.BACKLINE_PROCESSOR_BUDGET = '0.1';
delete process.env.BACKLINE_WORKLET_HEAP;
const { AudioContext, AudioWorkletNode } = await import('../../../../lib/index.js');
const { settings } = await import('../../../../lib/settings.js');
settings.device = 'virtual';

const context = new AudioContext();
await context.resume();
await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(`registerProcessor('sorts', class extends AudioWorkletProcessor {
  numbers = Array.from({ length: 2e6 }, (_, i) => (i * 7919) % 1999993 + 0.5);
  process() { this.numbers.sort(); return true; } });`)}`);
const node = new AudioWorkletNode(context, 'sorts');
node.connect(context.destination);
context.onstatechange = () => console.log(context.state);
context.onerror = ({ message }) => console.log(message);
node.onprocessorerror = ({ message }) => {
  console.log(message);
  const time = context.currentTime;
  setInterval(() => {
    if (context.state !== 'running' || context.currentTime < time + 0.2) return;
    console.log('plays on');
    process.exit(0);
  }, 20);
};
