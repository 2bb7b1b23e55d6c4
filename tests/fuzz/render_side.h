#pragma once

#include <memory>

#include "render/compiler.h"
#include "render/streams.h"
#include "tests/fuzz/native_worklets.h"
#include "tests/fuzz/segment.h"
#include "transport/block_layout.h"
#include "transport/ring_layout.h"

namespace backline::fuzz {

struct Side {
  float sampleRate;
  std::uint32_t quantum, channels;
};

/// Samples that no program should send, and some that it may.
class BufferData final : public render::AudioBufferData {
 public:
  BufferData(std::uint32_t channels, std::uint64_t length, float sampleRate) : channels_(channels), length_(length), sampleRate_(sampleRate) {
    for (std::uint64_t i = 0; i < channels * length; ++i)
      samples_.push_back(i % 7 == 3 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(i % 5) - 2);
  }
  std::uint32_t channels() const override { return channels_; }
  std::uint64_t length() const override { return length_; }
  float sampleRate() const override { return sampleRate_; }
  const float* channel(std::uint32_t index) const override { return samples_.data() + index * length_; }

 private:
  std::uint32_t channels_;
  std::uint64_t length_;
  float sampleRate_;
  std::vector<float> samples_;
};

/// What commands may name, the same for a session and for the one built anew; the far ends of its streams are hostile.
class Resources {
 public:
  using Kind = render::ResourceKind;
  Resources(Input& input, const Side& side) {
    for (std::uint32_t i = input.below(3); i > 0; --i)
      add(std::make_shared<BufferData>(input.between(1, input.oneIn(8) ? 32 : 3), input.below(400), input.oneIn(2) ? side.sampleRate : 22050.0f));
    const std::uint32_t streams = input.oneIn(2) ? input.below(16) : 0;
    using namespace transport;
    const RingFormat ring{input.between(1, 3), side.sampleRate, input.between(1, 1024), input.oneIn(2) ? Overflow::dropOldest : Overflow::refuse};
    if (streams & 1) stream(Kind::inputStream, createRingStream("backline-fuzz", ring), {}, input.oneIn(2));
    if (streams & 2) stream(Kind::outputStream, createRingStream("backline-fuzz", ring), {}, false);
    if (streams & 4) stream(Kind::meter, createPage<render::MeterStatus>("backline-fuzz"), {}, false);
    if (streams & 8) stream(Kind::exchange, createBlockStream("backline-fuzz", 1 << 12), createBlockStream("backline-fuzz", 1 << 12), false);
  }

  const std::vector<std::shared_ptr<render::Resource>>& all() const { return all_; }
  static render::ResourceId idOf(std::size_t place) { return static_cast<render::ResourceId>(place + 1); }
  void bind(render::Compiler& compiler) const {
    for (std::size_t i = 0; i < all_.size(); ++i) compiler.bind(idOf(i), all_[i]);
  }
  void scribble(Input& input) {
    if (segments_.empty()) return;
    segments_[input.below(static_cast<std::uint32_t>(segments_.size()))].scribble(input, sizeof(transport::RingHeader));
  }

 private:
  void add(std::shared_ptr<render::Resource> resource) { all_.push_back(std::move(resource)); }
  void stream(Kind kind, transport::SharedMemory memory, transport::SharedMemory answers, bool ownClock) {
    render::StreamEnds ends{memory.fd().duplicate(), {}, {}, ownClock};
    segments_.emplace_back(memory);
    if (answers) {
      ends.answers = answers.fd().duplicate();
      segments_.emplace_back(answers);
    }
    add(render::makeStream(kind, std::move(ends)));
  }
  std::vector<std::shared_ptr<render::Resource>> all_;
  std::vector<HostileSegment> segments_;
};

/// The whole of a session behind its rings, on one thread.
class RenderSide {
 public:
  RenderSide(const Side& side, render::NoticeSink say, std::uint32_t noticeBytes = 1 << 14)
      : queue_(noticeBytes),
        executor_({side.sampleRate, side.quantum, side.channels}, queue_),
        compiler_(std::make_unique<render::Compiler>(
            render::CompilerConfig{side.sampleRate, side.quantum,
                                   [](const render::WorkletConfig& config) { return std::make_unique<NativeRuntime>(config); }},
            executor_, queue_, std::move(say))),
        interleaved_(std::size_t{side.quantum} * side.channels) {}

  render::Compiler& compiler() { return *compiler_; }

  /// Throws RecordError, as the compiler does.
  void take(std::span<const render::CommandRecord> batch) {
    compiler_->takeBatch(batch);
    settle();
  }
  void quantum() {
    executor_.render(interleaved_.data());
    const render::Block& out = executor_.output();
    require(out.channels >= 1 && out.channels <= out.capacity, "a block has no more channels than there is room for");
    if (out.silent)
      for (std::uint32_t c = 0; c < out.channels; ++c)
        for (std::uint32_t i = 0; i < out.frames; ++i) require(out.channel(c)[i] == 0, "a silent block is zeros");
    compiler_->housekeep();
    settle();
  }

 private:
  void settle() {
    while (!compiler_->submit()) executor_.applySubmitted();
    executor_.applySubmitted();
    if (executor_.state() != render::RunState::running) executor_.serveWorklets();
    compiler_->housekeep();
  }
  render::NoticeQueue queue_;
  render::Executor executor_;
  std::unique_ptr<render::Compiler> compiler_;
  std::vector<float> interleaved_;
};

}  // namespace backline::fuzz
