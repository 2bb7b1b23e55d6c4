// https://w3c.github.io/mediacapture-record: the states and events; src/media/media_recording.h does the work.
import { formatOf, kDefaultType } from '../media/mime.js';
import { native } from '../native.js';
import { interfaceNamed, slotsOf } from '../webidl/platform_object.js';
import { observe } from './media_stream.js';

const kLeastSlice = 0.01;            // seconds
const kCompressedBits = 128_000;     // bits a second, where a program wants nothing
const kSampleBits = { wav: 32, flac: 24 };

class Recorder {
  state = 'inactive';
  videoBitsPerSecond = 0;
  #due = [];           // events of states, in tasks of their own
  #recording;
  #unobserve;

  constructor(stream, { mimeType, audioBitsPerSecond, bitsPerSecond }) {
    if (formatOf(mimeType) === undefined) {
      throw new DOMException(`Failed to construct 'MediaRecorder': '${mimeType}' cannot be written; audio/ogg (opus, vorbis), audio/wav and audio/flac can`, 'NotSupportedError');
    }
    this.stream = stream;
    this.mimeType = mimeType;
    this.audioBitrateMode = 'variable';   // whatever is wished: no encoder has another one
    this.audioBitsPerSecond = this.#bitsOf(audioBitsPerSecond || bitsPerSecond || kCompressedBits);
  }

  /// What is to be compressed as a program wants; the rest, at most, as many as there are.
  #bitsOf(wanted) {
    const bits = kSampleBits[formatOf(this.mimeType)];
    if (bits === undefined) return wanted;
    const { sampleRate = 0, channelCount = 0 } = [...this.stream.tracks][0]?.settings() ?? {};
    return bits * sampleRate * channelCount;
  }

  start(timeslice = 0) {
    this.#require('start', this.state === 'inactive');
    const track = [...this.stream.tracks].find(({ readyState }) => readyState === 'live');
    if (!track) throw new DOMException("Failed to execute 'start' on 'MediaRecorder': no track of the stream is live", 'NotSupportedError');
    const slice = timeslice > 0 ? Math.max(timeslice / 1000, kLeastSlice) : 0;
    this.mimeType ||= kDefaultType;
    const recording = new (native().MediaRecording)(track, { format: formatOf(this.mimeType), bitsPerSecond: this.audioBitsPerSecond, timeslice: slice }, (...chunk) => this.#take(recording, ...chunk));
    this.#recording = recording;
    this.state = 'recording';
    this.#unobserve = observe(this.stream, () => this.#fail(new DOMException('A track was added to the stream or removed from it.', 'InvalidModificationError')));
    this.#later('start');
  }

  stop() {
    if (this.state !== 'inactive') this.#inactivate();
  }

  pause() {
    this.#require('pause', this.state !== 'inactive');
    if (this.state === 'paused') return;
    this.#recording.pause();
    this.state = 'paused';
    this.#later('pause');
  }

  resume() {
    this.#require('resume', this.state !== 'inactive');
    if (this.state === 'recording') return;
    this.#recording.resume();
    this.state = 'recording';
    this.#later('resume');
  }

  requestData() {
    this.#require('requestData', this.state !== 'inactive');
    this.#recording.requestData();
  }

  #require(operation, holds) {
    if (!holds) throw new DOMException(`Failed to execute '${operation}' on 'MediaRecorder': its state is '${this.state}'`, 'InvalidStateError');
  }

  // It stops gathering; the last chunk follows.
  #inactivate() {
    this.#unobserve();
    this.state = 'inactive';
    this.#recording.stop();
  }

  #fail(error) {
    this.error = error;
    this.#inactivate();
  }

  // In a task of its own. time: seconds of sound before the chunk. A recording that a new one has followed still has its last chunk.
  #take(recording, bytes, time, last, error) {
    while (this.#due.length > 0) this.#fireDue();
    const current = recording === this.#recording;
    if (last && current && this.state !== 'inactive') {
      this.#unobserve();
      this.state = 'inactive';
    }
    const reason = error ? new DOMException(error, 'UnknownError') : last ? this.error : undefined;
    if (last) this.error = undefined;
    if (reason) this.#fireError(reason);
    const { type: BlobEvent } = interfaceNamed('BlobEvent');
    this.#fire(new BlobEvent('dataavailable', { data: new Blob([bytes], { type: this.mimeType }), timecode: 1000 * time }));
    if (last) this.#fire(new Event('stop'));
  }

  #fireError(error) {
    const ErrorEvent = globalThis.ErrorEvent ?? interfaceNamed('ErrorEvent').type;
    this.#fire(new ErrorEvent('error', { message: error.message, error }));
  }

  // Before any data that comes after it.
  #later(type) {
    this.#due.push(type);
    setImmediate(() => this.#fireDue());
  }

  #fireDue() {
    for (const type of this.#due.splice(0, 1)) this.#fire(new Event(type));
  }

  #fire(event) { slotsOf(this).wrapper.dispatchEvent(event); }
}

export const construct = (stream, options) => new Recorder(stream, options);
export const isTypeSupported = (type) => formatOf(type) !== undefined;
