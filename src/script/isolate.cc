#include "script/isolate.h"

namespace backline::script {

OwnIsolate::OwnIsolate(node::MultiIsolatePlatform& platform, std::function<void()> wake)
    : platform_(platform), tasks_(std::make_shared<Tasks>(std::move(wake))), isolate_(v8::Isolate::Allocate()) {
  // Registered before it is initialized: V8 asks the platform for its task runner while it starts.
  platform_.RegisterIsolate(isolate_, static_cast<node::IsolatePlatformDelegate*>(this));
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator_shared.reset(v8::ArrayBuffer::Allocator::NewDefaultAllocator());
  params.allow_atomics_wait = false;   // the agent of a worklet cannot block
  v8::Isolate::Initialize(isolate_, params);
}

OwnIsolate::~OwnIsolate() {
  tasks_->close();
  compat::dispose(platform_, isolate_);
}

}  // namespace backline::script
