import { native } from '../native.js';
import { inContext, interfaceNamed, slotsOf, wrap } from '../webidl/platform_object.js';
import { construct as constructElementSource } from './media_element_audio_source_node.js';
import { construct } from './media_stream_audio_source_node.js';

/// A device's id, or the AudioSinkInfo of none: the same object until the context plays on a device again.
export function getSinkId(impl) {
  const { attributes } = slotsOf(impl);
  const device = impl.sinkId;
  if (device !== null) {
    attributes.sinkInfo = undefined;
    return device;
  }
  return attributes.sinkInfo ??= wrap({ type: 'none' }, interfaceNamed('AudioSinkInfo'));
}

/// AudioPlaybackStats whose figures, once read, stay until the program's code has run to its end (or to an await).
class SteadyStats {
  #stats;
  #figures;

  constructor(stats) { this.#stats = stats; }

  get underrunDuration() { return this.#now().underrunDuration; }
  get underrunEvents() { return this.#now().underrunEvents; }
  get totalDuration() { return this.#now().totalDuration; }
  get averageLatency() { return this.#now().averageLatency; }
  get minimumLatency() { return this.#now().minimumLatency; }
  get maximumLatency() { return this.#now().maximumLatency; }

  resetLatency() {
    this.#stats.resetLatency();
    const { averageLatency, minimumLatency, maximumLatency } = this.#stats;
    if (this.#figures) Object.assign(this.#figures, { averageLatency, minimumLatency, maximumLatency });
  }

  #now() {
    if (this.#figures) return this.#figures;
    queueMicrotask(() => { this.#figures = undefined; });
    const { underrunDuration, underrunEvents, totalDuration, averageLatency, minimumLatency, maximumLatency } = this.#stats;
    return this.#figures = { underrunDuration, underrunEvents, totalDuration, averageLatency, minimumLatency, maximumLatency };
  }
}

export const getPlaybackStats = (impl) => new SteadyStats(impl.playbackStats);

export const createMediaElementSource = (impl, mediaElement) => inContext(constructElementSource(impl, { mediaElement }), impl);

export const createMediaStreamSource = (impl, mediaStream) => inContext(construct(impl, { mediaStream }), impl);

export const createMediaStreamTrackSource = (impl, mediaStreamTrack) =>
  inContext(new (native().MediaStreamTrackAudioSourceNode)(impl, { mediaStreamTrack }), impl);
