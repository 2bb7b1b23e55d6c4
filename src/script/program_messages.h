#pragma once

#include <memory>

#include "script/shared_buffers.h"
#include "script/shared_pool.h"

namespace backline::script {

/// Puts serialize(value, {sameProcess, ports, pipes}) → Uint8Array and deserialize(bytes, ports) → value, the program's side of ports, on
/// `exports` (ports that travel, and the numbers of their pipes: program_pipes.h)
/// and allocateShared(bytes) → SharedArrayBuffer, which the processors of other processes can see, or undefined if there is no room.
/// adoptMemory(buffer, mostPages) does that to a new shared WebAssembly.Memory, setMemoryMaker((initial, maximum) → buffer) says how such a one is made.
/// They work in Node's own isolate. The caller has applied structuredClone with its transfer list before.
void exportMessages(v8::Local<v8::Context> context, v8::Local<v8::Object> exports,
                    std::shared_ptr<SharedBuffers> shared);

}  // namespace backline::script
