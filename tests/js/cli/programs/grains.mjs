// A program whose own thread is blocked from its first second on, while its worklet plays.
const module = `data:text/javascript,registerProcessor('grain', class extends AudioWorkletProcessor {
  process(inputs, [[output]]) {
    for (let i = 0; i < output.length; ++i) output[i] = 0.1 * Math.sin(i);
    return true;
  }
})`;
const context = new AudioContext();
await context.audioWorklet.addModule(module);
for (let i = 0; i < 3; ++i) new AudioWorkletNode(context, 'grain').connect(context.destination);
console.log('grains sound');
setTimeout(() => { for (;;); }, 1000);
