#pragma once

#include <memory>
#include <string>
#include <vector>

#include "session/capture.h"
#include "session/session.h"
#include "transport/shared_heap.h"

// The folder of the helpers of the package that a program is built with, which its CMake target defines.
#ifndef BACKLINE_HELPER_FOLDER
#define BACKLINE_HELPER_FOLDER ""
#endif

namespace backline::session {

struct EngineOptions {
  std::vector<std::string> audioCommand;    ///< how to start backline-audio; empty: as findHelper() finds it
  std::vector<std::string> renderCommand;   ///< how to start backline-render, the same: the native helper, or Node with the script add-on
  std::string device;                       ///< default for sessions that name none: "", "virtual", "stepped" or a device's id
  std::string tapPath;                      ///< float WAV of what goes to the device; empty: none
  double tapSeconds = 0;                    ///< 0: to the end
  std::string input;                        ///< default for captures that name no device
  std::string programName;                  ///< what `backline top` calls this program
  bool logPerformance = false;              ///< a line a second a session on standard error (BACKLINE_LOG=perf)
  bool spareHost = true;                    ///< a second render host stands by, for the case that the first one dies
  double hangLimit = 2;                     ///< seconds; a render host that shows no life for longer is replaced; 0: never
  std::function<transport::SharedMemoryEnds()> shareMemory;   ///< invites a render host to what SharedArrayBuffers lie in; empty: nothing does
  /// Takes the end of a socket at which debuggers of one render host's worklets are to be served (docs/formats/inspector.md), for each host;
  /// empty: there are none. [io]
  std::function<void(transport::Fd)> inspect;
  std::string helperFolder = BACKLINE_HELPER_FOLDER;   ///< the last place to look for the helpers
};

/// As SessionOptions::device: rendered by the clock; not heard, not mixed with anything, not in the tap.
inline constexpr const char* kNoOutput = "none";

struct SessionOptions {
  std::string device;            ///< empty: the engine's
  float sampleRate = 0;          ///< Hz; 0: the device's
  std::uint32_t quantum = render::kDefaultQuantum;   ///< frames; 0: as many as the device takes at once
  std::uint32_t channels = 2;
  double latency = 0;            ///< seconds, the target; 0: the least
};

struct Device {
  std::string id, name, backend;
  std::uint32_t maxChannels = 0, sampleRate = 0;
  bool isDefault = false, input = false;
  std::string clock;   ///< devices that say the same run from one clock; empty: its own
};
struct Backend {
  std::string name, detail;
  bool available = false;
};

/// What went wrong with a device or a helper, for people.
class EngineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The program's end of the helpers: owns the I/O thread, the two processes and their connections; starts them with the first session,
/// ends them with the last. Built by whoever owns the program (main, the binding) and outlives its sessions.
/// Thread safety: one control thread.
class Engine {
 public:
  /// Throws EngineError if a helper that no command names is nowhere.
  explicit Engine(EngineOptions options = {});
  ~Engine();

  /// Blocks until the audio server has opened the device (the render host goes on starting). Throws EngineError, std::invalid_argument.
  std::unique_ptr<Session> open(const SessionOptions& options);
  struct DeviceList {
    std::vector<Device> devices;
    std::vector<Backend> backends;
  };
  /// Throws EngineError.
  DeviceList listDevices();
  /// The same without waiting: `done` is called once, on another thread, with the list or with what went wrong. Not if the engine ends first.
  void listDevices(std::function<void(DeviceList list, std::string error)> done);
  /// Blocks until the audio server has opened the device. The capture keeps the audio server alive. Throws EngineError,
  /// std::invalid_argument.
  std::unique_ptr<Capture> openCapture(const CaptureOptions& options);
  /// The same without waiting: `done` is called once, on another thread, with the capture or with what went wrong. Not if the engine ends first. The capture
  /// may end on that thread, too. Throws std::invalid_argument.
  void openCapture(const CaptureOptions& options, std::function<void(std::unique_ptr<Capture> capture, std::string error)> done);
  /// `changed` is called, on some thread, whenever a device comes or goes or a default changes, and whenever another audio server has begun to
  /// watch. Keeps an audio server running until it is empty. Throws EngineError.
  void onDevicesChanged(std::function<void()> changed);
  /// Frames written and lost by the tap, once it is on disk. Throws EngineError.
  std::pair<std::uint64_t, std::uint64_t> finishTap();

  struct Helpers {
    int audioPid = 0, renderPid = 0;     ///< 0: not running
    int renderPriority = 0;              ///< SCHED_FIFO, 0 if ordinary
    int sparePid = 0;                    ///< of the render host that stands by
  };
  Helpers helpers() const;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace backline::session
