// Posts what it hears, a chunk a quantum, until it is told to stop.
class RecorderProcessor extends AudioWorkletProcessor {
  recording = true;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data === 'stop') this.recording = false;
    };
  }

  process(inputs) {
    if (!this.recording) return false;
    const [channel] = inputs[0];
    if (channel) this.port.postMessage(channel.slice());
    return true;
  }
}

registerProcessor('recorder-processor', RecorderProcessor);
