// What a process that decodes answers: any reply, over any samples.

#include <unistd.h>

#include "control/errors.h"
#include "media/passed_sound.h"
#include "tests/fuzz/input.h"
#include "transport/error.h"

using namespace backline;

namespace {
constexpr std::uint32_t kMostBytes = 8 << 20;
}

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  media::DecodeReply reply;
  reply.channels = input.oneIn(4) ? input.word<std::uint32_t>() : input.below(34);
  reply.frames = input.oneIn(4) ? input.word<std::uint64_t>() : input.below(40000);
  reply.written = input.oneIn(4) ? input.word<std::uint64_t>() : reply.frames + input.below(100);
  const transport::Fd samples = media::emptySamples();
  // As many as it tells of, mostly.
  const std::uint64_t told = reply.written * reply.channels * sizeof(float);
  const std::uint64_t size = input.oneIn(4) || told > kMostBytes ? input.below(kMostBytes) : told;
  if (ftruncate(samples.get(), static_cast<off_t>(size)) != 0) return;
  const std::vector<std::byte> some = input.rest();
  if (pwrite(samples.get(), some.data(), std::min<std::size_t>(some.size(), size), 0) < 0) return;
  try {
    const auto channels = media::readSamples(samples, reply);
    fuzz::require(channels.size() == reply.channels, "every channel is there");
    volatile float heard = 0;
    for (const auto& channel : channels) heard = channel[0] + channel[reply.frames - 1];
    static_cast<void>(heard);
  } catch (const transport::TransportError&) {
  } catch (const Error&) {
  }
}
