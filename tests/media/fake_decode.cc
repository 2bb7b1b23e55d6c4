// A backline-decode that lies: takes a request as the real one does, without a process of its own for it, and answers as its argument says.

#include <unistd.h>

#include <cstring>
#include <string_view>

#include "media/decode_protocol.h"

using namespace backline;

int main(int, char** arguments) {
  const std::string_view lie = arguments[1];
  const transport::Fd control(3);
  for (;;) {
    char word;
    std::vector<transport::Fd> sockets, memory;
    if (media::receiveMessage(control.get(), &word, 1, sockets) <= 0) return 0;
    media::DecodeRequest request;
    if (media::receiveMessage(sockets.at(0).get(), &request, sizeof request, memory) <= 0) continue;   // no file came
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
