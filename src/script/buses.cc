#include "script/buses.h"

namespace backline::script {

namespace {

v8::Local<v8::Array> freeze(v8::Local<v8::Context> context, std::vector<v8::Local<v8::Value>>& items) {
  const auto array = v8::Array::New(context->GetIsolate(), items.data(), items.size());
  array->SetIntegrityLevel(context, v8::IntegrityLevel::kFrozen).Check();
  return array;
}

}  // namespace

void Buses::prepare(v8::Isolate* isolate, std::size_t index, std::uint32_t channels) {
  Bus& bus = buses_[index];
  bool same = !bus.frozen.IsEmpty() && bus.channels == channels;
  if (bus.planes.size() < channels) bus.planes.resize(channels);
  bus.channels = channels;
  for (std::uint32_t i = 0; i < channels; ++i) {
    if (bus.planes[i].usable(isolate)) continue;
    bus.planes[i].create(isolate, frames_);
    same = false;
  }
  if (same) return;
  bus.frozen.Reset();
  frozen_.Reset();
}

v8::Local<v8::Value> Buses::array(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  if (!frozen_.IsEmpty()) return frozen_.Get(isolate);
  std::vector<v8::Local<v8::Value>> outer, inner;
  for (Bus& bus : buses_) {
    if (bus.frozen.IsEmpty()) {
      inner.clear();
      for (std::uint32_t i = 0; i < bus.channels; ++i) inner.push_back(bus.planes[i].array(isolate));
      bus.frozen.Reset(isolate, freeze(context, inner));
    }
    outer.push_back(bus.frozen.Get(isolate));
  }
  const auto array = freeze(context, outer);
  frozen_.Reset(isolate, array);
  return array;
}

}  // namespace backline::script
