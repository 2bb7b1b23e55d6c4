#pragma once

#include <span>
#include <string>

#include "ipc/status_page.h"
#include "session/engine.h"
#include "session/session_view.h"
#include "transport/page.h"

namespace backline::session {

/// The program's page: a segment without a place in any directory, which `backline top` finds among the program's descriptors and which
/// goes with the program, however that ends. [io]
class StatusWriter {
 public:
  /// Throws transport::TransportError.
  explicit StatusWriter(std::string programName);
  /// Sessions beyond what the page has room for are counted, not told.
  void publish(std::span<const SessionView* const> sessions, const Engine::Helpers& helpers);

 private:
  const std::string programName_;
  const std::int64_t started_;
  transport::PageWriter<ipc::StatusPage> page_;
  std::unique_ptr<ipc::StatusPage> value_ = std::make_unique<ipc::StatusPage>();
};

}  // namespace backline::session
