#include "script/isolate.h"

#include "script/buffer_allocator.h"

namespace backline::script {

OwnIsolate::OwnIsolate(node::MultiIsolatePlatform& platform, const Limits& limits, std::function<void()> wake)
    : platform_(platform), tasks_(std::make_shared<Tasks>(std::move(wake))), isolate_(v8::Isolate::Allocate()) {
  // Registered before it is initialized: V8 asks the platform for its task runner while it starts.
  platform_.RegisterIsolate(isolate_, static_cast<node::IsolatePlatformDelegate*>(this));
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator_shared = std::make_shared<BufferAllocator>(limits.bufferBytes);
  params.constraints.set_max_old_generation_size_in_bytes(limits.heapBytes);
  params.allow_atomics_wait = false;   // the agent of a worklet cannot block
  v8::Isolate::Initialize(isolate_, params);
}

OwnIsolate::~OwnIsolate() {
  tasks_->close();
  compat::dispose(platform_, isolate_);
}

}  // namespace backline::script
