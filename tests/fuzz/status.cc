// What `backline top` reads of other programs: the message of a status page, and the page around it.

#include <kj/exception.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "ipc/status_page.h"
#include "session/status_reader.h"
#include "tests/fuzz/segment.h"
#include "transport/page.h"

namespace {

using namespace backline;
using namespace backline::session;

bool sane(double seconds) { return std::isfinite(seconds) && seconds >= 0; }

void check(const ProgramReport& program) {
  fuzz::require(program.age >= 0, "an age is no less than nothing");
  for (const SessionReport& session : program.sessions) {
    fuzz::require(std::isfinite(session.sampleRate) && session.sampleRate > 0 && session.quantum > 0, "a session has a rate and a quantum");
    fuzz::require(session.state <= ipc::SessionState::closed, "a state exists");
    fuzz::require(sane(session.costAverage) && sane(session.costWorst) && sane(session.latency) && sane(session.latenessAverage) && sane(session.latenessWorst),
                  "seconds are finite and no less than nothing");
    for (const NodeReport& node : session.costliest) fuzz::require(sane(node.seconds) && sane(node.share), "a node's cost is finite");
  }
}

void inPage(std::span<const std::byte> message, fuzz::Input& input) {
  fuzz::HostileSegment segment(transport::createPage<ipc::StatusPage>(ipc::kStatusSegment));
  transport::PageWriter<ipc::StatusPage> writer(segment.map());
  const auto value = std::make_unique<ipc::StatusPage>();
  value->words = input.oneIn(8) ? input.word<std::uint32_t>() : static_cast<std::uint32_t>(message.size() / 8);
  std::copy_n(message.begin(), std::min(message.size(), sizeof value->message), reinterpret_cast<std::byte*>(value->message));
  writer.publish(*value);
  for (std::uint32_t i = input.below(4); i > 0; --i) segment.scribble(input, 256);
  if (const auto program = readStatus(segment.fd())) check(*program);
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  // The last byte chooses, so that seeds are messages with a byte behind them.
  const bool page = input.oneIn(4);
  if (page) {
    const std::vector<std::byte> message = input.bytes(2048);
    return inPage(message, input);
  }
  const std::vector<std::byte> message = input.rest();
  try {
    check(decodeStatus(message));
  } catch (const std::runtime_error&) {
  } catch (const kj::Exception&) {
  }
}
