#pragma once

#include <string>

#include "render/worklet.h"
#include "script/compat.h"

namespace backline::script {

std::string toUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value);
v8::Local<v8::String> toV8(v8::Isolate* isolate, std::string_view text);

/// The place that runs at this moment: of the innermost frame that is the program's own.
void placeOfRunning(v8::Isolate* isolate, render::ScriptError& error);

/// What was thrown, as far as it can be told without throwing again. `message` may be empty.
render::ScriptError describe(v8::Local<v8::Context> context, v8::Local<v8::Value> thrown,
                             v8::Local<v8::Message> message);
/// What `caught` caught; says so if the script was terminated.
render::ScriptError describe(v8::Local<v8::Context> context, const v8::TryCatch& caught);

/// "Uncaught TypeError: … (url:line:column)", for the console.
std::string uncaught(const render::ScriptError& error);

}  // namespace backline::script
