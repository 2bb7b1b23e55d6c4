// Instantiates the WebAssembly that it is made with, and copies what it renders out of its memory.
registerProcessor('wasm-synth', class extends AudioWorkletProcessor {
  #synth;
  #block;

  constructor({ processorOptions: { module, quantum } }) {
    super();
    this.#synth = new WebAssembly.Instance(module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module)).exports;
    this.#block = new Float32Array(this.#synth.memory.buffer, this.#synth.block.value, quantum);
    this.port.onmessage = ({ data: { voice, frequency, level } }) => this.#synth.note(voice, frequency / sampleRate, level);
  }

  process(inputs, [[output]]) {
    this.#synth.render(output.length);
    output.set(this.#block);
    return true;
  }
});
