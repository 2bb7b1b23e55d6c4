#include "node/programs.h"

#include "session/status_reader.h"

namespace backline::node {

namespace {

constexpr const char* kStates[] = {"suspended", "running", "closed"};

template <class T, class F>
Napi::Array list(Napi::Env env, const std::vector<T>& items, F toObject) {
  auto array = Napi::Array::New(env, items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) array.Set(i, toObject(env, items[i]));
  return array;
}

Napi::Object nodeObject(Napi::Env env, const session::NodeReport& node) {
  auto object = Napi::Object::New(env);
  object.Set("id", node.id);
  object.Set("type", node.type);
  if (!node.processor.empty()) object.Set("processor", node.processor);
  object.Set("seconds", node.seconds);
  object.Set("share", node.share);
  return object;
}

Napi::Object sessionObject(Napi::Env env, const session::SessionReport& session) {
  auto object = Napi::Object::New(env);
  object.Set("id", static_cast<double>(session.id));
  object.Set("device", session.device);
  object.Set("backend", session.backend);
  object.Set("sampleRate", session.sampleRate);
  object.Set("quantum", session.quantum);
  object.Set("state", kStates[static_cast<std::uint32_t>(session.state)]);
  object.Set("frame", static_cast<double>(session.frame));
  object.Set("costAverage", session.costAverage);
  object.Set("costWorst", session.costWorst);
  object.Set("ringFill", session.ringFill);
  object.Set("ringTarget", session.ringTarget);
  object.Set("underruns", static_cast<double>(session.underruns));
  object.Set("underrunFrames", static_cast<double>(session.underrunFrames));
  object.Set("latency", session.latency);
  object.Set("latenessAverage", session.latenessAverage);
  object.Set("latenessWorst", session.latenessWorst);
  object.Set("nodes", session.nodes);
  object.Set("costliest", list(env, session.costliest, &nodeObject));
  return object;
}

Napi::Object programObject(Napi::Env env, const session::ProgramReport& program) {
  auto object = Napi::Object::New(env);
  object.Set("pid", program.pid);
  object.Set("name", program.name);
  object.Set("started", static_cast<double>(program.started) / 1e6);   // milliseconds, as Date takes them
  object.Set("age", program.age);
  object.Set("audioPid", program.audioPid);
  object.Set("renderPid", program.renderPid);
  object.Set("renderPriority", program.renderPriority);
  object.Set("sessions", list(env, program.sessions, &sessionObject));
  object.Set("omitted", program.omitted);
  return object;
}

}  // namespace

Napi::Value programs(const Napi::CallbackInfo& info) { return list(info.Env(), session::findPrograms(), &programObject); }

}  // namespace backline::node
