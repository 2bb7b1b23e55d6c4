// Plays a counter: each frame's value is its number, exact in a float and below full scale.
import { counterBuffer } from '../../../../bench/recording/counter.mjs';

export default (context) => {
  const source = context.createBufferSource();
  source.buffer = counterBuffer(context, 60);
  source.connect(context.destination);
  source.start();
};
