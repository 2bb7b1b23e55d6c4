#include <bit>

#include "media/bytes.h"
#include "media/recording_stream.h"
#include "media/wave_layout.h"

namespace backline::media {

namespace {

constexpr std::uint16_t kFloat = 3;              // WAVE_FORMAT_IEEE_FLOAT
constexpr std::uint32_t kUnknown = 0xffffffff;   // ds64 says

void putFormat(Bytes& to, std::uint32_t sampleRate, std::uint32_t channels) {
  const std::uint32_t frameBytes = channels * sizeof(float);
  to.text("fmt ").number(18u).number(kFloat).number(static_cast<std::uint16_t>(channels)).number(sampleRate);
  to.number(sampleRate * frameBytes).number(static_cast<std::uint16_t>(frameBytes)).number(std::uint16_t{32}).number(std::uint16_t{0});
}

class WaveStream final : public RecordingStream {
 public:
  WaveStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes, std::uint64_t riffLimit)
      : file_(file), format_(format), riffLimit_(riffLimit) {
    file_.reserve(kWaveHead);
    file_.append(head(notes));
  }

  void append(const float* interleaved, std::size_t frames) override {
    const std::size_t bytes = frames * format_.channels * sizeof(float);
    file_.reserve(bytes);
    file_.append(std::as_bytes(std::span(interleaved, frames * format_.channels)));
    dataBytes_ += bytes;
    const WaveSizes sizes = waveSizes(format_.sampleRate, format_.channels, dataBytes_, riffLimit_);
    file_.writeAt(0, sizes.front);
    file_.writeAt(kWaveHead - sizeof sizes.data, Bytes().number(sizes.data).take());
  }

  void annotate(const RecordingNotes& notes) override { file_.writeAt(0, head(notes)); }
  void end() override {}

 private:
  std::vector<std::byte> head(const RecordingNotes& notes) const {
    const WaveSizes sizes = waveSizes(format_.sampleRate, format_.channels, dataBytes_, riffLimit_);
    Bytes all;
    all.add(sizes.front).add(notes.broadcastChunk(format_.sampleRate));
    all.add(notes.waveChunks(kWaveHead - all.size() - 16));   // of the chunks behind
    const std::size_t rest = kWaveHead - all.size() - 16;
    all.text("JUNK").number(static_cast<std::uint32_t>(rest)).zeros(rest).text("data").number(sizes.data);
    return all.take();
  }

  DiskFile& file_;
  const RecordingFormat format_;
  const std::uint64_t riffLimit_;
  std::uint64_t dataBytes_ = 0;
};

static_assert(std::endian::native == std::endian::little, "samples are written as they lie in memory");

}  // namespace

WaveSizes waveSizes(std::uint32_t sampleRate, std::uint32_t channels, std::uint64_t dataBytes, std::uint64_t riffLimit) {
  const std::uint64_t riffBytes = kWaveHead - 8 + dataBytes;
  const std::uint64_t frames = dataBytes / (channels * sizeof(float));
  const bool plain = riffBytes <= riffLimit;
  Bytes front;
  front.text(plain ? "RIFF" : "RF64").number(plain ? static_cast<std::uint32_t>(riffBytes) : kUnknown).text("WAVE");
  front.text(plain ? "JUNK" : "ds64").number(kDs64Body);
  if (plain) front.zeros(kDs64Body);
  else front.number(riffBytes).number(dataBytes).number(frames).number(0u);
  putFormat(front, sampleRate, channels);
  front.text("fact").number(4u).number(plain ? static_cast<std::uint32_t>(frames) : kUnknown);
  return {front.take(), plain ? static_cast<std::uint32_t>(dataBytes) : kUnknown};
}

std::unique_ptr<RecordingStream> makeWaveStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes, std::uint64_t riffLimit) {
  return std::make_unique<WaveStream>(file, format, notes, riffLimit);
}

}  // namespace backline::media
