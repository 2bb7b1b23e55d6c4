#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/errors.h"
#include "control/native_worklets.h"
#include "control/session_link.h"

namespace backline {

/// BaseAudioContext.audioWorklet (Web Audio §1.32): the processors that AudioWorkletNodes can be made of. [control]
class AudioWorklet {
 public:
  AudioWorklet(std::shared_ptr<SessionLink> link, std::shared_ptr<NativeWorklets> native)
      : link_(std::move(link)), native_(std::move(native)) {}

  /// Evaluates modules[0] in the context's AudioWorkletGlobalScope; the rest are what it imports. Fails with the script's error.
  /// replace: as render::WorkletRuntime::evaluate says.
  void addModule(std::vector<render::ModuleSource> modules, bool replace, Completion done);
  /// Registers a processor written in C++. For contexts that render in this process: throws NotSupportedError on others, and for a name
  /// that is taken. `create` is called on the thread that prepares the graph, never on the one that renders.
  void registerNative(const std::string& name, std::vector<render::ProcessorParam> params, NativeProcessorFactory create);

  /// port.postMessage() with a message that is serialized already: to the port of the AudioWorkletGlobalScope. It waits there for the first
  /// module.
  void postMessage(render::Message message);
  /// The program begins, or ceases, to listen at one of the ports: while it does, a message may be what it waits for. Counted.
  void listen(bool begins) { listeners_ += begins ? 1 : -1; }
  bool isListenedTo() const { return listeners_ > 0; }
  /// port.postMessage() of the AudioWorkletGlobalScope.
  std::function<void(std::span<const std::byte>)> onmessage;

  struct Registration {
    std::vector<render::ProcessorParam> params;
    std::uint32_t generation = 0;   ///< which registration of its name it is, from 1; 0: made in this process, not yet confirmed
  };
  /// Null: not registered.
  const Registration* find(const std::string& name) const;
  /// Why a name is not registered, for a message: what its registration failed with, or which names there are.
  std::string explain(const std::string& name) const;
  bool hasPending() const { return !pending_.empty(); }
  /// Whether the scope was ever given anything to evaluate.
  bool isUsed() const { return used_; }

  /// console.log and its kin inside the scope; level: "log", "warn", "error", …; place: "url:line:column" of the call, or empty.
  std::function<void(const std::string& level, const std::string& text, const std::string& place)> onconsole;

  void receive(render::NoticeRecord& notice);
  /// Another render host evaluates the modules anew, and counts their registrations anew.
  void restart();
  /// Fails everything that still waits.
  void fail(const Error& error);

 private:
  std::shared_ptr<SessionLink> link_;
  std::shared_ptr<NativeWorklets> native_;
  std::map<std::string, Registration> processors_;
  std::unordered_map<std::string, std::string> failures_;   ///< name → why its last registration failed
  std::unordered_map<std::uint32_t, Completion> pending_;
  int listeners_ = 0;
  bool used_ = false;
};

}  // namespace backline
