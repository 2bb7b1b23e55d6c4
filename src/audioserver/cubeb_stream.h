#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "audioserver/cubeb_context.h"
#include "audioserver/jack_presence.h"
#include "audioserver/use_count.h"

namespace backline::audioserver {

/// What a stream calls for or with its frames.
class FrameHandler {
 public:
  /// Interleaved; null on the side that the stream does not have. [device]
  virtual void process(const float* input, float* output, std::uint32_t frames) noexcept = 0;

 protected:
  ~FrameHandler() = default;
};

/// One stream of a device of the system, playing or recording: JACK, PulseAudio (or PipeWire in its place), ALSA.
class CubebStream {
 public:
  /// Opens the device that `info` (of CubebContext::devices) describes, at the rate it prefers. `latency`: seconds that cubeb shall keep in
  /// its buffer, raised to what the backend can do. Throws DeviceError. [io]
  CubebStream(std::unique_ptr<CubebContext> context, DeviceInfo info, std::uint32_t wantedChannels, double latency);
  ~CubebStream();
  CubebStream(const CubebStream&) = delete;
  CubebStream& operator=(const CubebStream&) = delete;

  const DeviceInfo& info() const { return info_; }
  std::uint32_t channels() const { return channels_; }
  bool isJack() const { return info_.backend == "jack"; }
  /// Calls the handler from now on, from a thread of the backend's. Throws DeviceError. [io]
  void start(FrameHandler& handler);
  /// No callback is running or follows once it has returned. [io]
  void stop();
  /// Frames: of JACK and of inputs as the first callbacks show; elsewhere the most that one may ask for. Known once started. [io]
  std::uint32_t callbackFrames() const { return callbackFrames_; }
  /// Seconds between callback and sound, as far as cubeb knows; 0: it does not. [io]
  double knownLatency();
  double wantedLatency() const { return static_cast<double>(latencyFrames_) / info_.sampleRate; }
  /// False once the device has gone: no callback will follow. Asked some ten times a second. [io]
  bool alive();
  /// Frames that the server's overloads have cost a JACK input, as cubeb counts them. [device]
  std::uint64_t framesSkipped() noexcept;

 private:
  /// What cubeb calls back with. It lives as long as cubeb's context, which may outlive the stream.
  struct Link {
    explicit Link(CubebStream& of) : stream(&of) {}
    std::atomic<CubebStream*> stream;   // null: it has gone
    UseCount uses;                      // by the device's thread, for frames
    std::atomic<std::uint32_t> tells{0};   // calls of onState under way, from any thread
  };

  static long onData(cubeb_stream*, void* link, const void* input, void* output, long frames);
  static void onState(cubeb_stream*, void* link, cubeb_state state);
  void process(const float* input, float* output, std::uint32_t frames) noexcept;
  bool listed();
  void awaitFirstCallbacks();
  bool awaitLife();

  std::unique_ptr<Link> link_ = std::make_unique<Link>(*this);   // goes after the context
  std::unique_ptr<CubebContext> context_;
  DeviceInfo info_;
  std::uint32_t channels_;
  std::uint32_t latencyFrames_ = 0;  // as asked for
  std::uint32_t callbackFrames_ = 0;
  cubeb_stream* stream_ = nullptr;
  bool started_ = false;
  std::atomic<FrameHandler*> handler_{nullptr};
  std::atomic<std::uint64_t> callbacks_{0};
  std::atomic<std::uint32_t> largest_{0};  // frames of the largest callback
  std::atomic<bool> failed_{false};
  JackPresence jack_;                // hears of the death of the server that it plays on
  bool dead_ = false;                // a JACK server that has gone
  std::uint64_t seenCallbacks_ = 0;  // by alive()
  std::int64_t seenAt_ = 0;          // or, of PulseAudio's, when it was last seen in the list
};

}  // namespace backline::audioserver
