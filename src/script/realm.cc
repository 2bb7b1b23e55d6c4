#include "script/realm.h"

#include <algorithm>

#include "script/bootstrap_sources.h"
#include "script/inspector.h"
#include "script/natives.h"
#include "script/script_error.h"
#include "script/seat.h"

namespace backline::script {

namespace {

constexpr int kSendAgain = 2;   // milliseconds
constexpr int kLookAgain = 20;  // milliseconds: what V8 does in the background ends in a task, or in none
constexpr int kRealmSlot = 1;   // of the context's embedder data; 0 is the debugger's
constexpr const char* kHelperNames[kHelpers] = {"makeException", "makePort",  "deliver",
                                                "deliverError",  "deliverClose", "construct", "process", "classOf",
                                                "dueTimer",      "fireTimer", "endTimers", "makeMemory", "stage", "settle"};

/// What V8 reports on its own: an exception in a microtask.
void onMessage(v8::Local<v8::Message> message, v8::Local<v8::Value> thrown) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  const auto context = isolate->GetCurrentContext();
  Realm::from(context).report(describe(context, thrown, message));
}

/// import() in a worklet: "the result is a promise rejected with a TypeError" (HTML, HostLoadImportedModule).
v8::MaybeLocal<v8::Promise> onDynamicImport(v8::Local<v8::Context> context, v8::Local<v8::Data>,
                                            v8::Local<v8::Value>, v8::Local<v8::String> specifier,
                                            v8::Local<v8::FixedArray>) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  const auto text = "import('" + toUtf8(isolate, specifier) + "'): a worklet cannot import dynamically";
  if (resolver->Reject(context, v8::Exception::TypeError(toV8(isolate, text))).IsNothing()) return {};
  return resolver->GetPromise();
}

}  // namespace

Realm::Realm(node::MultiIsolatePlatform& platform, const Limits& limits, const render::WorkletConfig& config,
             std::shared_ptr<SharedBuffers> shared, std::shared_ptr<SharedPool> pool, std::shared_ptr<InspectorHub> hub)
    : config_(config),
      shared_(std::move(shared)),
      here_(shared_ ? shared_ : std::make_shared<SharedBuffers>()),
      pool_(std::move(pool)),
      listening_(pool_ ? pool_->bell().listen([events = config.events] { events->wake(); }) : nullptr),
      reading_(pool_ ? pool_->read() : nullptr),
      own_(std::make_unique<OwnIsolate>(platform, limits, [this] { config_.events->wake(); })) {
  v8::Isolate* isolate = own_->get();
  const v8::Locker locker(isolate);
  const v8::Isolate::Scope isolateScope(isolate);
  const v8::HandleScope handles(isolate);
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate->SetCaptureStackTraceForUncaughtExceptions(true, 10);
  isolate->AddMessageListener(onMessage);
  isolate->SetPromiseRejectCallback(Rejections::onReject);
  isolate->SetHostImportModuleDynamicallyCallback(onDynamicImport);
  isolate->SetHostInitializeImportMetaObjectCallback(Modules::onImportMeta);
  const auto context = v8::Context::New(isolate);
  context->SetAlignedPointerInEmbedderData(kRealmSlot, this);
  context_.Reset(isolate, context);
  const v8::Context::Scope contextScope(context);
  bootstrap();
  if (hub) inspector_ = std::make_unique<Inspector>(*this, std::move(hub));
  termination_.attach();
}

Realm::~Realm() { close(); }

Realm& Realm::from(v8::Local<v8::Context> context) {
  return *static_cast<Realm*>(context->GetAlignedPointerFromEmbedderData(kRealmSlot));
}

void Realm::bootstrap() {
  v8::Isolate* isolate = this->isolate();
  const auto context = this->context();
  clock_ = engineMemory(3 * sizeof(double));
  setTime(config_.firstFrame, config_.sampleRate);
  const auto clock = v8::Float64Array::New(v8::ArrayBuffer::New(isolate, clock_), 0, 3);
  const auto scope = v8::Object::New(isolate);
  v8::Local<v8::Value> args[] = {makeNatives(*this, clock), scope};
  for (const BootstrapSource& source : kBootstrapSources) {
    auto origin = compat::classicOrigin(isolate, toV8(isolate, source.name));
    v8::ScriptCompiler::Source code(toV8(isolate, source.text), origin);
    const auto script = v8::ScriptCompiler::Compile(context, &code).ToLocalChecked();
    const auto function = script->Run(context).ToLocalChecked().As<v8::Function>();
    function->Call(context, v8::Undefined(isolate), 2, args).ToLocalChecked();
  }
  for (std::size_t i = 0; i < kHelpers; ++i) {
    const auto helper = scope->Get(context, toV8(isolate, kHelperNames[i])).ToLocalChecked();
    helpers_[i].Reset(isolate, helper.As<v8::Function>());
  }
  scopePort_ = ports_.open(0, {});
}

void Realm::close() {
  const std::scoped_lock closing(closeMutex_);
  if (!own_) return;
  closing_ = true;
  listening_.reset();
  if (inspector_) inspector_->release();
  termination_.detach();
  isolate()->TerminateExecution();
  { const std::scoped_lock nobodyAside(aside_); }
  const std::scoped_lock lock(gate_);
  {
    const v8::Locker locker(isolate());
    const v8::Isolate::Scope isolateScope(isolate());
    const v8::HandleScope handles(isolate());
    inspector_.reset();
    seats_.clear();
    ports_.clear();
    modules_.clear();
    rejections_.clear();
    for (auto& helper : helpers_) helper.Reset();
    context_.Reset();
  }
  own_.reset();
  reading_.reset();
  clock_.reset();
}

void Realm::setTime(std::uint64_t frame, float sampleRate) {
  auto* clock = static_cast<double*>(clock_->Data());
  clock[0] = static_cast<double>(frame);
  clock[1] = static_cast<double>(frame) / static_cast<double>(sampleRate);
}

void Realm::runTimers() {
  const auto* clock = static_cast<const double*>(clock_->Data());
  if (clock[2] > clock[0]) return;
  v8::Isolate* isolate = this->isolate();
  for (bool begins = true; !closing(); begins = false) {
    const v8::HandleScope handles(isolate);
    v8::Local<v8::Value> args[] = {v8::Boolean::New(isolate, begins)}, owner, result;
    if (!helper(Helper::dueTimer)->Call(context(), v8::Undefined(isolate), 1, args).ToLocal(&owner) || !owner->IsUint32()) return;
    const render::NodeId node = owner.As<v8::Uint32>()->Value();
    const render::Lane::Stretch stretch(lane(), node, render::Phase::timer);
    runFor(node);
    const v8::TryCatch caught(isolate);
    const bool returned = helper(Helper::fireTimer)->Call(context(), v8::Undefined(isolate), 0, nullptr).ToLocal(&result);
    if (termination_.passed()) {
      fail(node, termination_.take());
      if (closing() || !helper(Helper::endTimers)->Call(context(), v8::Undefined(isolate), 0, nullptr).ToLocal(&result)) return;
      continue;
    }
    if (!returned && !closing()) report(describe(context(), caught));
    checkpoint(node);
  }
}

void Realm::checkpoint(render::NodeId node) {
  if (render::Lane::whereabouts(lane().now()).phase == render::Phase::module) {
    isolate()->PerformMicrotaskCheckpoint();   // the module's own time
  } else {
    const render::Lane::Stretch stretch(lane(), node, render::Phase::microtasks);
    isolate()->PerformMicrotaskCheckpoint();
    endRound();
  }
  rejections_.report(*this);
}

bool Realm::runTasks() {
  if (!own_->tasks().waiting()) return false;
  {
    const render::Lane::Stretch stretch(lane(), 0, render::Phase::microtasks);
    if (!own_->tasks().run()) return false;
    endRound();
  }
  checkpoint();
  return true;
}

/// A round that was terminated has lost the rest of its microtasks: V8 drops them.
void Realm::endRound() {
  if (!termination_.passed()) return;
  const auto sentence = termination_.take();
  fail(sentence.node, sentence);
}

void Realm::runFor(render::NodeId node) { compat::setContinuationData(context(), v8::Integer::NewFromUnsigned(isolate(), node)); }

render::NodeId Realm::microtaskOwner(render::NodeId caller) const {
  const auto data = compat::continuationData(context());
  if (!data.IsEmpty() && data->IsUint32() && data.As<v8::Uint32>()->Value() != 0) return data.As<v8::Uint32>()->Value();
  if (caller != 0) return caller;
  return seats_.size() == 1 ? seats_.front()->node() : 0;
}

void Realm::fail(render::NodeId node, const Termination::Sentence& sentence) {
  const auto found = std::find_if(seats_.begin(), seats_.end(), [&](const auto& seat) { return seat->node() == node; });
  if (found == seats_.end()) {
    report(sentence.error);
  } else {
    (*found)->fail(sentence.error);
  }
  if (sentence.heapFull) isolate()->LowMemoryNotification();
}

bool Realm::waitsForTasks() const {
  return own_->tasks().waiting() || isolate()->HasPendingBackgroundTasks();
}

int Realm::nextTask() {
  if (!ports_.sleep() || (inspector_ && inspector_->waits())) return kSendAgain;
  const int due = own_->tasks().untilDue();
  if (!isolate()->HasPendingBackgroundTasks()) return due;
  return due < 0 ? kLookAgain : std::min(due, kLookAgain);
}

void Realm::registered(const std::string& name, std::vector<render::ProcessorParam> params) {
  if (staged_) {
    staged_->emplace(name, std::move(params));
  } else {
    config_.events->processorRegistered(name, params);
    processors_.emplace(name, std::move(params));
  }
}

void Realm::stage() {
  staged_.emplace();
  helper(Helper::stage)->Call(context(), v8::Undefined(isolate()), 0, nullptr).IsEmpty();
}

void Realm::settle(bool keep) {
  v8::Local<v8::Value> args[] = {v8::Boolean::New(isolate(), keep)};
  helper(Helper::settle)->Call(context(), v8::Undefined(isolate()), 1, args).IsEmpty();
  for (auto& [name, params] : std::exchange(staged_, {}).value_or(Registered())) {
    if (!keep) continue;
    config_.events->processorRegistered(name, params);
    processors_.insert_or_assign(name, std::move(params));
  }
}

Seat* Realm::enter(std::unique_ptr<Seat> seat) {
  seats_.push_back(std::move(seat));
  populated_.store(true, std::memory_order_release);
  return seats_.back().get();
}

void Realm::leave(const Seat* seat) {
  std::erase_if(seats_, [&](const auto& owned) { return owned.get() == seat; });
  populated_.store(!seats_.empty(), std::memory_order_release);
}

std::vector<render::ProcessorParam> Realm::params(const std::string& name) const {
  if (isStaged(name)) return staged_->at(name);
  const auto found = processors_.find(name);
  return found == processors_.end() ? std::vector<render::ProcessorParam>() : found->second;
}

render::ScriptError Realm::placed(render::ScriptError error, const std::string& name) const {
  if (!error.url.empty()) return error;
  v8::Isolate* isolate = this->isolate();
  const v8::TryCatch ignored(isolate);
  v8::Local<v8::Value> args[] = {toV8(isolate, name)}, found;
  if (!helper(Helper::classOf)->Call(context(), v8::Undefined(isolate), 1, args).ToLocal(&found) || !found->IsFunction()) return error;
  const auto constructor = found.As<v8::Function>();
  error.url = toUtf8(isolate, constructor->GetScriptOrigin().ResourceName());
  error.line = static_cast<std::uint32_t>(constructor->GetScriptLineNumber() + 1);
  error.column = static_cast<std::uint32_t>(constructor->GetScriptColumnNumber() + 1);
  return error;
}

void Realm::report(const render::ScriptError& error) {
  const bool spoken = speaker_ != nullptr && !speaker_->empty();   // the scope's own port has no processor's name
  std::string text = uncaught(spoken ? placed(error, *speaker_) : error);
  if (spoken) text += "\n    in the processor '" + *speaker_ + "'";
  config_.events->console("error", text, {});
}

}  // namespace backline::script
