#pragma once

#include <cstdint>
#include <memory>

#include "script/compat.h"

// V8's inspector as Node's binary exports it; Node's headers leave it out. The order of the virtual functions is the binary's, read from its
// virtual tables, and `isKnown` compares: where a Node orders them in another way nothing of this may be used. Since V8 13 there is one more
// in each of two classes.

namespace v8_inspector {

/// Characters of Latin-1 or of UTF-16, somebody else's.
struct StringView {
  bool is8Bit = true;
  std::size_t length = 0;
  const void* characters = nullptr;
};

class StringBuffer {
 public:
  virtual ~StringBuffer() = default;
  virtual StringView string() const = 0;
};

struct V8ContextInfo {
  v8::Local<v8::Context> context;
  int contextGroupId = 1;
  StringView humanReadableName, origin, auxData;
  bool hasMemoryOnConsole = false;
};

class V8InspectorSession {
 public:
  virtual ~V8InspectorSession() = default;
  virtual void addInspectedObject(void*) = 0;
  virtual void dispatchProtocolMessage(StringView message) = 0;
};

/// What V8 asks of its embedder. 30 or 31 functions after the destructor; those without a name here answer as V8's own do nothing.
class V8InspectorClient {
 public:
  virtual ~V8InspectorClient() = default;
  virtual void runMessageLoopOnPause(int) {}
  virtual void runMessageLoopOnInstrumentationPause(int group) { runMessageLoopOnPause(group); }
  virtual void quitMessageLoopOnPause() {}
  virtual void runIfWaitingForDebugger(int) {}
  virtual void ignored1(int) {}
  virtual void ignored2(int) {}
  virtual void ignored3() {}
  virtual void ignored4() {}
  virtual std::unique_ptr<StringBuffer> none1(v8::Local<v8::Value>, int) { return nullptr; }
  virtual std::unique_ptr<StringBuffer> none2(v8::Local<v8::Value>) { return nullptr; }
  virtual std::unique_ptr<StringBuffer> none3(v8::Local<v8::Context>, v8::Local<v8::Value>) { return nullptr; }
  virtual bool isInspectableHeapObject(v8::Local<v8::Object>) { return true; }
  virtual v8::Local<v8::Context> ensureDefaultContextInGroup(int) { return {}; }
  virtual void ignored5(int) {}
  virtual void ignored6(int) {}
  virtual void ignored7(v8::Local<v8::Context>, v8::Local<v8::Object>) {}
  virtual void consoleAPIMessage(int, int, const StringView&, const StringView&, unsigned, unsigned, void*) {}
  virtual v8::MaybeLocal<v8::Value> memoryInfo(v8::Isolate*, v8::Local<v8::Context>) { return {}; }
  virtual void ignored8(const StringView&) {}
  virtual void ignored9(const StringView&) {}
  virtual void ignored10(const StringView&) {}
#if V8_MAJOR_VERSION >= 13
  virtual void ignoredSince13(v8::Isolate*, v8::Local<v8::String>, const void*) {}
#endif
  virtual void ignored11(int) {}
  virtual double currentTimeMS() { return 0; }
  virtual void ignored12(double, void (*)(void*), void*) {}
  virtual void ignored13(void*) {}
  virtual bool canExecuteScripts(int) { return true; }
  virtual void ignored14(int) {}
  virtual std::unique_ptr<StringBuffer> none4(const StringView&) { return nullptr; }
  virtual std::int64_t generateUniqueId() { return 0; }
  virtual void ignored15(v8::Local<v8::Context>, v8::Local<v8::Message>, v8::Local<v8::Value>) {}
};

class V8Inspector {
 public:
  enum ClientTrustLevel { kUntrusted, kFullyTrusted };
  enum SessionPauseState { kWaitingForDebugger, kNotWaitingForDebugger };
  class Channel {
   public:
    virtual ~Channel() = default;
    virtual void sendResponse(int callId, std::unique_ptr<StringBuffer> message) = 0;
    virtual void sendNotification(std::unique_ptr<StringBuffer> message) = 0;
    virtual void flushProtocolNotifications() = 0;
  };

  static std::unique_ptr<V8Inspector> create(v8::Isolate* isolate, V8InspectorClient* client);
  virtual ~V8Inspector() = default;
  virtual void contextCreated(const V8ContextInfo& info) = 0;
  virtual void contextDestroyed(v8::Local<v8::Context> context) = 0;
  virtual void unused4() = 0;
  virtual void unused5() = 0;
  virtual void unused6() = 0;
#if V8_MAJOR_VERSION >= 13
  virtual void unusedSince13() = 0;
#endif
  virtual void unused7() = 0;
  virtual void unused8() = 0;
  virtual void unused9() = 0;
  virtual void unused10() = 0;
  virtual void unused11() = 0;
  virtual void unused12() = 0;
  virtual void unused13() = 0;
  virtual void unused14() = 0;
  virtual void unused15() = 0;
  virtual void unused16() = 0;
  virtual void unused17() = 0;
  virtual void unused18() = 0;
  virtual void unused19() = 0;
  virtual std::unique_ptr<V8InspectorSession> connect(int contextGroupId, Channel* channel, StringView state, ClientTrustLevel trust, SessionPauseState pause) = 0;
};

/// Whether the running binary lays it out like this. [any thread]
bool isKnown();

}  // namespace v8_inspector
