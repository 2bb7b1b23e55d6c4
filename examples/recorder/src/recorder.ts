// A recorder of the microphone, as pages have it: what the processor posts is gathered until stop(), and becomes a WAV file.

export class Recorder {
  /** Called with the peak of each chunk, 0 to 1. */
  onlevel: (level: number) => void = () => {};
  readonly chunks: Float32Array[] = [];

  private constructor(readonly stream: MediaStream, readonly context: AudioContext, readonly source: MediaStreamAudioSourceNode, readonly node: AudioWorkletNode) {
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      this.chunks.push(data);
      this.onlevel(data.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
    };
  }

  static async start(constraints: MediaTrackConstraints = {}): Promise<Recorder> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, ...constraints } });
    const context = new AudioContext();
    await context.audioWorklet.addModule('src/audio-processor.js');
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, 'recorder-processor');
    source.connect(node);
    await context.resume();
    return new Recorder(stream, context, source, node);
  }

  /** Ends the recording: the file, 32-bit floats, one channel. */
  async stop(): Promise<Blob> {
    this.node.port.postMessage('stop');
    this.source.disconnect();
    const { sampleRate } = this.context;
    await this.context.close();
    for (const track of this.stream.getTracks()) track.stop();
    return wav(this.chunks, sampleRate);
  }
}

/** Chunks of one channel as a WAV file of 32-bit floats. */
export function wav(chunks: Float32Array[], sampleRate: number): Blob {
  const bytes = 4 * chunks.reduce((frames, chunk) => frames + chunk.length, 0);
  const header = new DataView(new ArrayBuffer(44));
  const text = (offset: number, characters: string) => [...characters].forEach((character, i) => header.setUint8(offset + i, character.charCodeAt(0)));
  text(0, 'RIFF');
  header.setUint32(4, 36 + bytes, true);
  text(8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 3, true);   // floats
  header.setUint16(22, 1, true);   // channels
  header.setUint32(24, sampleRate, true);
  header.setUint32(28, 4 * sampleRate, true);
  header.setUint16(32, 4, true);
  header.setUint16(34, 32, true);
  text(36, 'data');
  header.setUint32(40, bytes, true);
  return new Blob([header.buffer, ...chunks as BlobPart[]], { type: 'audio/wav' });
}
