// A processor that hums at 0.25 and does some work; the program tells what becomes of its context.
export default async function hum(context) {
  context.onstatechange = () => console.log(`state ${context.state}`);
  await context.audioWorklet.addModule('inspected_worklet.js');
  new AudioWorkletNode(context, 'hum').connect(context.destination);
  await context.resume();
  console.log('sounds');
}
