#pragma once

#include <cstdint>
#include <memory>

#include "script/buffer_allocator.h"

namespace backline::script {

/// A Float32Array shown to script over memory that stays ours: samples are copied into it and out of it, never allocated. Script may
/// detach it (transfer its buffer); then it has to be created anew.
class Plane {
 public:
  void create(v8::Isolate* isolate, std::uint32_t length) {
    memory_ = engineMemory(std::size_t{length} * sizeof(float));
    const auto buffer = v8::ArrayBuffer::New(isolate, memory_);
    buffer_.Reset(isolate, buffer);
    array_.Reset(isolate, v8::Float32Array::New(buffer, 0, length));
  }
  bool usable(v8::Isolate* isolate) const { return memory_ && !buffer_.Get(isolate)->WasDetached(); }
  v8::Local<v8::Float32Array> array(v8::Isolate* isolate) const { return array_.Get(isolate); }
  float* data() const { return static_cast<float*>(memory_->Data()); }

 private:
  std::shared_ptr<v8::BackingStore> memory_;
  v8::Global<v8::ArrayBuffer> buffer_;
  v8::Global<v8::Float32Array> array_;
};

}  // namespace backline::script
