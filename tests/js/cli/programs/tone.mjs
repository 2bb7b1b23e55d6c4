// A sine of 440 Hz at a quarter of full scale, half a second ahead, in whatever context it is given.
export default function tone(context) {
  const start = context.currentTime + 0.5;
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const level = new GainNode(context, { gain: 0.25 });
  oscillator.connect(level).connect(context.destination);
  oscillator.start(start);
}
