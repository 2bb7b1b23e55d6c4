function work(count) {
  let sum = 0;
  for (let i = 0; i < 20000; ++i) sum += Math.sin(i + count);
  return sum * 1e-9;
}

registerProcessor('hum', class extends AudioWorkletProcessor {
  count = 0;
  process(inputs, [[output]]) {
    this.count += 1;
    output.fill(0.25 + work(this.count));
    return true;
  }
});
