#include "script/script_error.h"

#include <algorithm>
#include <string_view>

namespace backline::script {

namespace {

constexpr std::size_t kLongest = 65536;   // bytes of a message or a stack
constexpr int kFrames = 10;

/// The scripts that make the scope are no place that tells a program anything, nor is an offset in compiled code.
bool isNoPlace(std::string_view url) { return url.starts_with("backline:") || url.starts_with("wasm:"); }

/// Sets the place, unless it is ours; true if it is set.
bool setPlace(v8::Isolate* isolate, v8::Local<v8::Value> script, int line, int column, render::ScriptError& error) {
  if (!script->IsString() || line < 1) return false;
  std::string url = toUtf8(isolate, script);
  if (url.empty() || isNoPlace(url)) return false;
  error.url = std::move(url);
  error.line = static_cast<std::uint32_t>(line);
  error.column = static_cast<std::uint32_t>(std::max(column, 0));
  return true;
}

/// Of the innermost frame that is one.
void placeOfFrame(v8::Isolate* isolate, v8::Local<v8::StackTrace> trace, render::ScriptError& error) {
  if (trace.IsEmpty()) return;
  for (int i = 0; i < trace->GetFrameCount(); ++i) {
    const auto frame = trace->GetFrame(isolate, static_cast<std::uint32_t>(i));
    v8::Local<v8::Value> script = frame->GetScriptNameOrSourceURL();
    if (!script.IsEmpty() && setPlace(isolate, script, frame->GetLineNumber(), frame->GetColumn(), error)) return;
  }
}

std::string withoutOurs(const std::string& stack) {
  std::string kept;
  for (std::size_t at = 0; at < stack.size();) {
    const std::size_t end = std::min(stack.find('\n', at), stack.size() - 1) + 1;
    const std::string_view line(stack.data() + at, end - at);
    if (!line.starts_with("    at ") || line.find("backline:") == std::string_view::npos) kept += line;
    at = end;
  }
  if (kept.ends_with('\n') && !stack.ends_with('\n')) kept.pop_back();
  return kept;
}

/// object[name] if that is a string and can be had without an exception.
std::string stringProperty(v8::Local<v8::Context> context, v8::Local<v8::Object> object, const char* name) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::TryCatch ignored(isolate);
  v8::Local<v8::Value> value;
  if (!object->Get(context, toV8(isolate, name)).ToLocal(&value) || !value->IsString()) return {};
  std::string text = toUtf8(isolate, value);
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;   // not inside a character
  return text.substr(0, end) + "…";
}

std::string placeOf(const render::ScriptError& error) {
  return error.url + ":" + std::to_string(error.line) + ":" + std::to_string(error.column);
}

void place(v8::Local<v8::Context> context, v8::Local<v8::Message> message, render::ScriptError& error) {
  v8::Isolate* isolate = context->GetIsolate();
  const int column = message->GetStartColumn(context).FromMaybe(-1) + 1;
  if (setPlace(isolate, message->GetScriptResourceName(), message->GetLineNumber(context).FromMaybe(0), column, error)) return;
  placeOfFrame(isolate, message->GetStackTrace(), error);
}

}  // namespace

std::string toUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  const v8::String::Utf8Value text(isolate, value);
  return *text ? std::string(*text, static_cast<std::size_t>(text.length())) : std::string();
}

v8::Local<v8::String> toV8(v8::Isolate* isolate, std::string_view text) {
  v8::Local<v8::String> result;
  const bool fits = v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kNormal,
                                            static_cast<int>(text.size()))
                        .ToLocal(&result);
  return fits ? result : v8::String::Empty(isolate);
}

void placeOfRunning(v8::Isolate* isolate, render::ScriptError& error) {
  placeOfFrame(isolate, v8::StackTrace::CurrentStackTrace(isolate, kFrames), error);
}

render::ScriptError describe(v8::Local<v8::Context> context, v8::Local<v8::Value> thrown,
                             v8::Local<v8::Message> message) {
  v8::Isolate* isolate = context->GetIsolate();
  render::ScriptError error;
  if (message.IsEmpty()) message = v8::Exception::CreateMessage(isolate, thrown);
  if (!message.IsEmpty()) place(context, message, error);
  // Where an Error was made: for one that was not caught where it was thrown, like a promise's.
  if (error.url.empty()) placeOfFrame(isolate, v8::Exception::GetStackTrace(thrown), error);
  if (thrown->IsObject()) {
    const auto object = thrown.As<v8::Object>();
    error.name = stringProperty(context, object, "name");
    error.message = stringProperty(context, object, "message");
    error.stack = withoutOurs(stringProperty(context, object, "stack"));
    // A SyntaxError's says nothing of where.
    if (!error.stack.empty() && !error.url.empty() && error.stack.find("\n    at ") == std::string::npos) error.stack += "\n    at " + placeOf(error);
    if (!error.name.empty() || !error.message.empty()) return error;
  }
  v8::TryCatch ignored(isolate);
  v8::Local<v8::String> text;
  if (thrown->ToDetailString(context).ToLocal(&text)) error.message = toUtf8(isolate, text);
  return error;
}

render::ScriptError describe(v8::Local<v8::Context> context, const v8::TryCatch& caught) {
  if (caught.HasTerminated() || !caught.HasCaught()) {
    render::ScriptError error;
    error.name = "Error";
    error.message = "The script was terminated";
    return error;
  }
  return describe(context, caught.Exception(), caught.Message());
}

std::string uncaught(const render::ScriptError& error) {
  std::string text = "Uncaught ";
  if (!error.stack.empty()) return text + error.stack;
  if (!error.name.empty()) text += error.name + ": ";
  text += error.message;
  if (error.url.empty()) return text;
  return text + " (" + placeOf(error) + ")";
}

}  // namespace backline::script
