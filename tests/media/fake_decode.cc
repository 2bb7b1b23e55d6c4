// A backline-decode that lies: takes a request as the real one does, without a process of its own for it, and answers as its argument says.

#include <unistd.h>

#include <cstring>
#include <limits>
#include <string_view>

#include "media/decode_protocol.h"
#include "media/stream_protocol.h"

using namespace backline;

namespace {

/// As the guest of a stream: false words, or true ones and then a false one.
int lieAboutAStream(const transport::Fd& socket, std::string_view lie) {
  struct {
    media::StreamWord word;
    float samples[8] = {};
  } message;
  media::StreamWord& word = message.word;
  word.what = media::StreamSaid::opened;
  word.channels = 2;
  word.sampleRate = 48000;
  word.duration = 1;
  std::size_t bytes = sizeof word;
  const bool opensWell = lie.starts_with("then ");
  if (lie == "dies") return 3;
  if (lie == "magic") word.magic = 1;
  else if (lie == "short") bytes = 10;
  else if (lie == "long") bytes = sizeof message;
  else if (lie == "channels") word.channels = 0xffffffff;
  else if (lie == "no channels") word.channels = 0;
  else if (lie == "rate") word.sampleRate = 1;
  else if (lie == "negative rate") word.sampleRate = -48000;
  else if (lie == "duration") word.duration = -1;
  else if (lie == "no duration") word.duration = std::numeric_limits<double>::quiet_NaN();
  else if (lie == "long text") word.textBytes = 0xffffffff;
  else if (lie == "code") word.what = media::StreamSaid::failed, word.code = 77;
  else if (lie == "kind") word.what = static_cast<media::StreamSaid>(77);
  else if (lie == "frames first") word.what = media::StreamSaid::frames;
  else if (lie == "wants") word.what = media::StreamSaid::wants, word.size = 100;   // of a file that it has
  else if (lie == "control characters") word.what = media::StreamSaid::failed, word.code = 3, word.textBytes = 6, std::memcpy(word.text, "\x1b[31m!", 6);
  if (!media::sendMessage(socket.get(), &message, bytes, {})) return 1;
  media::StreamAsk ask;
  std::vector<transport::Fd> none;
  while (opensWell && media::receiveMessage(socket.get(), &ask, sizeof ask, none) > 0) {
    word.what = media::StreamSaid::frames;
    word.frames = 4;
    bytes = sizeof message;
    if (lie == "then opened") word.what = media::StreamSaid::opened, bytes = sizeof word;
    else if (lie == "then more frames") word.frames = 5;
    else if (lie == "then very many") word.frames = 0xffffffff;
    else if (lie == "then none there") bytes = sizeof word;
    else if (lie == "then position") word.position = -5;
    else if (lie == "then end") word.end = std::numeric_limits<std::int64_t>::max();
    else if (lie == "then dies") return 3;
    if (!media::sendMessage(socket.get(), &message, bytes, {})) return 1;
  }
  return 0;
}

}  // namespace

int main(int, char** arguments) {
  const std::string_view lie = arguments[1];
  const transport::Fd control(3);
  for (;;) {
    char word;
    std::vector<transport::Fd> sockets, memory;
    if (media::receiveMessage(control.get(), &word, 1, sockets) <= 0) return 0;
    media::DecodeRequest request;
    if (media::receiveMessage(sockets.at(0).get(), &request, sizeof request, memory) <= 0) continue;   // no file came
    if (request.magic == media::kStreamMagic) {
      if (const int status = lieAboutAStream(sockets.at(0), lie); status != 0) return status;
      continue;
    }
    if (lie == "dies") return 3;
    media::DecodeReply reply;
    reply.outcome = media::DecodeOutcome::decoded;
    reply.channels = 2;
    reply.frames = reply.written = 1000;
    if (ftruncate(memory.at(1).get(), 2 * 1000 * sizeof(float)) != 0) return 1;
    if (lie == "cuts") {
      if (ftruncate(memory.at(1).get(), 4) == 0) return 1;   // or the seal does not hold
    } else if (lie == "changes the file") {
      if (write(memory.at(0).get(), "x", 1) >= 0) return 1;
    } else if (lie == "magic") {
      reply.magic = 1;
    } else if (lie == "channels") {
      reply.channels = 0xffffffff;
    } else if (lie == "no channels") {
      reply.channels = 0;
    } else if (lie == "no frames") {
      reply.frames = 0;
    } else if (lie == "more frames") {
      reply.frames = 1001;
    } else if (lie == "more written") {
      reply.frames = reply.written = 1001;
    } else if (lie == "overflow") {
      reply.frames = reply.written = (std::uint64_t{1} << 61) + 1000;
    } else if (lie == "outcome") {
      reply.outcome = static_cast<media::DecodeOutcome>(77);
    } else if (lie == "long text") {
      reply.outcome = media::DecodeOutcome::refused;
      reply.textBytes = 0xffffffff;
    } else if (lie == "control characters") {
      reply.outcome = media::DecodeOutcome::refused;
      reply.textBytes = 6;
      std::memcpy(reply.text, "\x1b[31m!", 6);
    }
    const std::size_t bytes = lie == "short" ? 10 : sizeof reply;
    if (!media::sendMessage(sockets.at(0).get(), &reply, bytes, {})) return 1;
  }
}
