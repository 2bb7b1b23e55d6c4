// Plays, and falls over a moment later.
export default function throwsLater(context) {
  const oscillator = new OscillatorNode(context);
  oscillator.connect(context.destination);
  oscillator.start();
  setTimeout(() => {
    throw new RangeError('the roof came down');
  }, 300);
}
