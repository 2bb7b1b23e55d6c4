#pragma once

#include <span>

#include "render/worklet.h"
#include "script/compat.h"
#include "script/shared_buffers.h"
#include "script/shared_pool.h"

namespace backline::script {

/// Where a structured clone is made or read.
struct CloneScope {
  v8::Local<v8::Context> context;
  /// Null where the other end is in another process.
  SharedBuffers* shared = nullptr;
  /// function (message, name) → DOMException
  v8::Local<v8::Function> makeException;
  /// For the other process: a SharedArrayBuffer whose memory is not of it, or where there is none, is a DataCloneError.
  SharedPool* pool = nullptr;
};

/// StructuredSerializeWithTransfer. Transferred ArrayBuffers are detached here and travel as copies. False: an exception is pending
/// and nothing was detached.
bool writeMessage(const CloneScope& scope, v8::Local<v8::Value> value, v8::Local<v8::Array> transfer,
                  render::Message& message);

/// StructuredDeserialize. Empty: an exception is pending. The bytes may come from another process: sizes are checked.
v8::MaybeLocal<v8::Value> readMessage(const CloneScope& scope, std::span<const std::byte> message);

/// Gives up what a message holds when nobody is going to read it.
void dropMessage(SharedBuffers* shared, SharedPool* pool, std::span<const std::byte> message);

}  // namespace backline::script
