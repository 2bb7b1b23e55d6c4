#include "script/v8_inspector.h"

#include <dlfcn.h>

#include <string_view>

namespace v8_inspector {

namespace {

struct Slot {
  const char* table;      ///< a virtual table's symbol
  int place;              ///< of a function in it
  const char* function;   ///< its symbol
};

constexpr const char* kClient = "_ZTVN4node9inspector19NodeInspectorClientE";
#if V8_MAJOR_VERSION < 13
constexpr const char* kVersion = "";
constexpr const char* kInspector = "_ZTVN12v8_inspector15V8InspectorImplE";
constexpr const char* kSession = "_ZTVN12v8_inspector22V8InspectorSessionImplE";
constexpr Slot kSlots[] = {
    {kInspector, 2, "_ZN12v8_inspector15V8InspectorImpl14contextCreatedERKNS_13V8ContextInfoE"},
    {kInspector, 3, "_ZN12v8_inspector15V8InspectorImpl16contextDestroyedEN2v85LocalINS1_7ContextEEE"},
    {kInspector, 20, "_ZN12v8_inspector15V8InspectorImpl7connectEiPNS_11V8Inspector7ChannelENS_10StringViewENS1_16ClientTrustLevelENS1_17SessionPauseStateE"},
    {kSession, 3, "_ZN12v8_inspector22V8InspectorSessionImpl23dispatchProtocolMessageENS_10StringViewE"},
    {kClient, 2, "_ZN4node9inspector19NodeInspectorClient21runMessageLoopOnPauseEi"},
    {kClient, 4, "_ZN4node9inspector19NodeInspectorClient22quitMessageLoopOnPauseEv"},
    {kClient, 12, "_ZN12v8_inspector17V8InspectorClient26descriptionForValueSubtypeEN2v85LocalINS1_7ContextEEENS2_INS1_5ValueEEE"},
    {kClient, 14, "_ZN4node9inspector19NodeInspectorClient27ensureDefaultContextInGroupEi"},
    {kClient, 24, "_ZN4node9inspector19NodeInspectorClient13currentTimeMSEv"},
    {kClient, 30, "_ZN12v8_inspector17V8InspectorClient16generateUniqueIdEv"}};
#else
// Such a binary exports no tables of V8's own classes, only that of Node's client: the version stands for the others.
constexpr const char* kVersion = "13.6.";
constexpr Slot kSlots[] = {
    {kClient, 2, "_ZN4node9inspector19NodeInspectorClient21runMessageLoopOnPauseEi"},
    {kClient, 4, "_ZN4node9inspector19NodeInspectorClient22quitMessageLoopOnPauseEv"},
    {kClient, 14, "_ZN4node9inspector19NodeInspectorClient27ensureDefaultContextInGroupEi"},
    {kClient, 22, "_ZN12v8_inspector17V8InspectorClient16consoleTimeStampEPN2v87IsolateENS1_5LocalINS1_6StringEEE"},
    {kClient, 25, "_ZN4node9inspector19NodeInspectorClient13currentTimeMSEv"},
    {kClient, 30, "_ZN4node9inspector19NodeInspectorClient17resourceNameToUrlERKN12v8_inspector10StringViewE"}};
#endif

constexpr int kBeforeSlots = 2;   // a virtual table's offset to top and type information

}  // namespace

bool isKnown() {
  if (!std::string_view(v8::V8::GetVersion()).starts_with(kVersion)) return false;
  if (dlsym(RTLD_DEFAULT, "_ZN12v8_inspector11V8Inspector6createEPN2v87IsolateEPNS_17V8InspectorClientE") == nullptr) return false;
  for (const auto& [name, place, functionName] : kSlots) {
    const auto* table = static_cast<void* const*>(dlsym(RTLD_DEFAULT, name));
    const void* function = dlsym(RTLD_DEFAULT, functionName);
    if (table == nullptr || function == nullptr || table[kBeforeSlots + place] != function) return false;
  }
  return true;
}

}  // namespace v8_inspector
