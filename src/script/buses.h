#pragma once

#include <vector>

#include "script/plane.h"

namespace backline::script {

/// `inputs` or `outputs` of process(): a frozen array of frozen arrays of Float32Array, the same objects from call to call as long
/// as the numbers of channels stay and nothing of it is detached. Inside an Entry.
class Buses {
 public:
  Buses(std::size_t count, std::uint32_t frames) : buses_(count), frames_(frames) {}

  std::size_t count() const { return buses_.size(); }
  /// Makes sure of `channels` planes of one bus, which can be written then.
  void prepare(v8::Isolate* isolate, std::size_t bus, std::uint32_t channels);
  Plane& plane(std::size_t bus, std::uint32_t channel) { return buses_[bus].planes[channel]; }
  /// After every bus was prepared.
  v8::Local<v8::Value> array(v8::Local<v8::Context> context);

 private:
  struct Bus {
    std::vector<Plane> planes;   ///< may be more than `channels`: kept for when they return
    std::uint32_t channels = 0;
    v8::Global<v8::Array> frozen;   ///< empty: to be made
  };
  std::vector<Bus> buses_;
  std::uint32_t frames_;
  v8::Global<v8::Array> frozen_;   ///< empty: to be made
};

}  // namespace backline::script
