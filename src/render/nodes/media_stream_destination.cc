#include <time.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "dsp/mixing.h"
#include "render/nodes/list.h"
#include "render/nodes/media_stream_destination.h"
#include "render/streams.h"

namespace backline::render {

namespace {

template <std::size_t... i>
constexpr std::array<FieldDeclaration, sizeof...(i)> fieldsNamed(const char* const (&names)[sizeof...(i)], std::index_sequence<i...>) {
  return {FieldDeclaration{.name = names[i], .kind = FieldKind::resource, .resource = ResourceKind::outputStream}...};
}
constexpr const char* kNames[kMostStreamReaders] = {"stream0", "stream1", "stream2", "stream3", "stream4", "stream5", "stream6", "stream7"};
constexpr auto kFields = fieldsNamed(kNames, std::make_index_sequence<kMostStreamReaders>());

std::int64_t now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class MediaStreamDestinationRenderer : public NodeRenderer {
 public:
  explicit MediaStreamDestinationRenderer(const CreateArgs& session)
      : mixed_(std::size_t{session.quantum} * kMaxChannels), interleaved_(std::size_t{session.quantum} * kMaxChannels) {}

  Activity process(const ProcessArgs& args) noexcept override {
    for (std::uint32_t i = 0; i < kMostStreamReaders; ++i) {
      auto* stream = static_cast<OutputStream*>(args.fields[i].resource);
      if (stream != nullptr) write(*stream, generations_[i], *args.inputs[0], args.quantum);
    }
    return Activity::idle;   // nothing of it sounds in the graph, so that it goes as soon as nobody can read it any more
  }

  void pause(std::span<const Field> fields) noexcept override {
    for (std::uint32_t i = 0; i < kMostStreamReaders; ++i) {
      auto* stream = static_cast<OutputStream*>(fields[i].resource);
      if (stream == nullptr) continue;
      stream->writer.setState(transport::WriterState::paused);
      stream->notify();
      ++generations_[i];
    }
  }

 private:
  /// Another render host wrote this ring before: what the context has gone through without either is a gap.
  static void tellMissing(transport::RingWriter& writer, std::uint64_t frame) noexcept {
    transport::TimelineMark last;
    if (!writer.newestMark(last)) return;
    const std::uint64_t next = last.sourceFrame + (writer.written() - last.frame);
    if (frame > next) writer.gap(frame - next);
  }

  void write(OutputStream& stream, std::uint32_t& generation, const Block& in, const Quantum& quantum) noexcept {
    transport::RingWriter& writer = stream.writer;
    const std::uint32_t channels = writer.format().channels, frames = quantum.frames;
    if (in.silent) {
      std::fill_n(interleaved_.begin(), std::size_t{frames} * channels, 0.0f);
    } else {
      const float* from = in.data;
      if (in.channels != channels) {
        dsp::mixTo({in.data, in.channels, frames}, {mixed_.data(), channels, frames}, dsp::MixRule::speakers);
        from = mixed_.data();
      }
      for (std::uint32_t c = 0; c < channels; ++c)
        for (std::uint32_t i = 0; i < frames; ++i) interleaved_[std::size_t{i} * channels + c] = from[std::size_t{c} * frames + i];
    }
    if (!std::exchange(stream.begun, true)) tellMissing(writer, quantum.frame);
    writer.setState(transport::WriterState::running);
    // Before the frames: whoever finds them finds their mark. It would not hold for what comes to its place after frames without room.
    if (writer.format().overflow == transport::Overflow::dropOldest || writer.space() > 0) writer.mark({writer.written(), quantum.frame, now(), generation});
    if (writer.write(interleaved_.data(), frames) < frames) ++generation;
    stream.notify();
  }

  std::array<std::uint32_t, kMostStreamReaders> generations_{};   // of the marks
  std::vector<float> mixed_, interleaved_;
};

}  // namespace

const NodeDeclaration kMediaStreamAudioDestination = {
    .name = "MediaStreamAudioDestinationNode",
    .outputs = 0,
    .channelRules = {.count = 2, .mode = ChannelCountMode::explicitCount},
    .fields = kFields,
    .create = [](const CreateArgs& session) -> std::unique_ptr<NodeRenderer> { return std::make_unique<MediaStreamDestinationRenderer>(session); },
};

}  // namespace backline::render
