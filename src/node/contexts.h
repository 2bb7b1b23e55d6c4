#pragma once

#include <vector>

#include "node/class_table.h"

namespace backline::node {

/// Ties a new context to the event loop: commits in microtasks, events in tasks, life as long as it is busy.
void attachContext(Impl& impl);

/// Calls `begin(Completion)` and gives the promise of that completion.
template <class Begin>
Napi::Value promised(Impl& impl, const Begin& begin);

/// renderSizeHint of the options of either context.
void readRenderSize(const Napi::Object& options, std::variant<AudioContextRenderSizeCategory, std::uint32_t>& hint);

/// Keeps the impl and the program while the context is busy.
void updateLife(Impl& impl);

/// Members of BaseAudioContext, and a class's own.
std::vector<napi_property_descriptor> contextMembers(std::vector<napi_property_descriptor> own);

// ------------------------------------------------------------------

template <class Begin>
Napi::Value promised(Impl& impl, const Begin& begin) {
  auto deferred = std::make_shared<Napi::Promise::Deferred>(impl.Env());
  begin([deferred](std::optional<Error> error) {
    if (error) {
      deferred->Reject(toJsValue(deferred->Env(), *error));
    } else {
      deferred->Resolve(deferred->Env().Undefined());
    }
  });
  updateLife(impl);
  return deferred->Promise();
}

}  // namespace backline::node
