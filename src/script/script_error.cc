#include "script/script_error.h"

namespace backline::script {

namespace {

/// object[name] if that is a string and can be had without an exception.
std::string stringProperty(v8::Local<v8::Context> context, v8::Local<v8::Object> object, const char* name) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::TryCatch ignored(isolate);
  v8::Local<v8::Value> value;
  if (!object->Get(context, toV8(isolate, name)).ToLocal(&value) || !value->IsString()) return {};
  return toUtf8(isolate, value);
}

void place(v8::Local<v8::Context> context, v8::Local<v8::Message> message, render::ScriptError& error) {
  v8::Isolate* isolate = context->GetIsolate();
  if (v8::Local<v8::Value> url = message->GetScriptResourceName(); url->IsString()) {
    error.url = toUtf8(isolate, url);
  }
  error.line = static_cast<std::uint32_t>(message->GetLineNumber(context).FromMaybe(0));
  if (error.line > 0) error.column = static_cast<std::uint32_t>(message->GetStartColumn(context).FromMaybe(0)) + 1;
}

/// Where an Error was made: for one that was not caught where it was thrown, like a promise's.
void placeOfCreation(v8::Isolate* isolate, v8::Local<v8::Value> thrown, render::ScriptError& error) {
  const auto trace = v8::Exception::GetStackTrace(thrown);
  if (trace.IsEmpty() || trace->GetFrameCount() == 0) return;
  const auto frame = trace->GetFrame(isolate, 0);
  error.url = toUtf8(isolate, frame->GetScriptNameOrSourceURL());
  error.line = static_cast<std::uint32_t>(frame->GetLineNumber());
  error.column = static_cast<std::uint32_t>(frame->GetColumn());
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

render::ScriptError describe(v8::Local<v8::Context> context, v8::Local<v8::Value> thrown,
                             v8::Local<v8::Message> message) {
  v8::Isolate* isolate = context->GetIsolate();
  render::ScriptError error;
  if (message.IsEmpty()) message = v8::Exception::CreateMessage(isolate, thrown);
  if (!message.IsEmpty()) place(context, message, error);
  if (error.url.empty()) placeOfCreation(isolate, thrown, error);
  if (thrown->IsObject()) {
    const auto object = thrown.As<v8::Object>();
    error.name = stringProperty(context, object, "name");
    error.message = stringProperty(context, object, "message");
    error.stack = stringProperty(context, object, "stack");
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
  return text + " (" + error.url + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) + ")";
}

}  // namespace backline::script
