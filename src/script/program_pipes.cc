#include "script/program_pipes.h"

#include <atomic>
#include <cstring>

#include "script/addon_state.h"
#include "script/message_layout.h"

namespace backline::script {

std::uint32_t ProgramPipes::create() {
  PortTicket ticket{};
  SharedPool* const pool = processPool();
  auto pipe = pool != nullptr ? PortPipe::create(pool->shared_from_this(), ticket) : nullptr;
  if (!pipe) return 0;
  const std::scoped_lock lock(mutex_);
  pipes_.emplace(++last_, Entry{std::move(pipe), ticket});
  return last_;
}

PortTicket ProgramPipes::takeTicket(std::uint32_t number) {
  const std::scoped_lock lock(mutex_);
  const auto found = pipes_.find(number);
  if (found == pipes_.end()) return {{~std::uint64_t{0}, 0, 0, 0}, 0};
  const PortTicket ticket = found->second.ticket;
  if (!found->second.pipe) pipes_.erase(found);
  return ticket;
}

void ProgramPipes::pass(std::uint32_t number) {
  const std::scoped_lock lock(mutex_);
  const auto found = pipes_.find(number);
  if (found == pipes_.end() || !found->second.pipe) return;
  found->second.ticket = found->second.pipe->pass();
  found->second.pipe.reset();
}

std::uint32_t ProgramPipes::open(const PortTicket& ticket) {
  SharedPool* const pool = processPool();
  auto pipe = pool == nullptr || ticket.local() ? nullptr : PortPipe::open(pool->shared_from_this(), ticket);
  if (!pipe) return 0;
  const std::scoped_lock lock(mutex_);
  pipes_.emplace(++last_, Entry{std::move(pipe), {}});
  return last_;
}

PortPipe* ProgramPipes::find(std::uint32_t number, const void* user) {
  const std::scoped_lock lock(mutex_);
  const auto found = pipes_.find(number);
  if (found == pipes_.end()) return nullptr;
  found->second.user = user;
  return found->second.pipe.get();
}

void ProgramPipes::end(std::uint32_t number) {
  Entry ended;
  const std::scoped_lock lock(mutex_);
  if (const auto found = pipes_.find(number); found != pipes_.end()) {
    ended = std::move(found->second);
    pipes_.erase(found);
  }
}

void ProgramPipes::endOf(const void* user) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(pipes_, [user](const auto& entry) { return entry.second.user == user; });
}

ProgramPipes& processPipes() {
  static auto& pipes = *new ProgramPipes;   // threads may use it as long as there is a process
  return pipes;
}

namespace {

/// What one environment has.
struct User {
  napi_threadsafe_function call = nullptr;
  std::shared_ptr<void> listening;
  std::atomic<bool> told{false};
};

/// The arguments of a call, and its environment's User.
struct Call {
  Call(napi_env env, napi_callback_info info) : env(env) {
    size_t count = 2;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    user = static_cast<User*>(data);
  }
  std::uint32_t number() const {
    std::uint32_t value = 0;
    napi_get_value_uint32(env, arguments[0], &value);
    return value;
  }
  PortPipe* pipe() const { return processPipes().find(number(), user); }
  /// Of a Uint8Array.
  std::span<const std::byte> bytes(int argument) const {
    void* data = nullptr;
    size_t length = 0;
    if (napi_get_typedarray_info(env, arguments[argument], nullptr, &length, &data, nullptr, nullptr) != napi_ok) return {};
    return {static_cast<const std::byte*>(data), length};
  }
  napi_value answer(std::uint32_t value) const {
    napi_value result = nullptr;
    napi_create_uint32(env, value, &result);
    return result;
  }
  napi_value answer(bool value) const {
    napi_value result = nullptr;
    napi_get_boolean(env, value, &result);
    return result;
  }

  napi_env env;
  napi_value arguments[2] = {};
  User* user = nullptr;
};

napi_value createPipe(napi_env env, napi_callback_info info) { return Call(env, info).answer(processPipes().create()); }

napi_value openPipes(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  napi_value numbers = nullptr;
  napi_create_array(env, &numbers);
  const auto bytes = call.bytes(0);
  if (!holdsPorts(bytes)) return numbers;
  if (const auto parts = parseMessage(bytes)) {
    for (std::uint32_t i = 0; i < parts->ports.size(); ++i) napi_set_element(env, numbers, i, call.answer(processPipes().open(parts->ports[i])));
  }
  return numbers;
}

napi_value bytesOf(napi_env env, const render::Message& message) {
  void* data = nullptr;
  napi_value buffer = nullptr, result = nullptr;
  if (napi_create_arraybuffer(env, message.size(), &data, &buffer) != napi_ok) return nullptr;
  if (!message.empty()) std::memcpy(data, message.data(), message.size());
  napi_create_typedarray(env, napi_uint8_array, message.size(), buffer, 0, &result);
  return result;
}

napi_value handOver(napi_env env, napi_callback_info info) {
  return bytesOf(env, composeHandOver(0, processPipes().takeTicket(Call(env, info).number())));
}

napi_value handedOver(napi_env env, napi_callback_info info) {
  const auto handOver = parseHandOver(Call(env, info).bytes(0));
  napi_value result = nullptr;
  if (handOver) napi_create_double(env, static_cast<double>(handOver->sent), &result);
  return result;
}

napi_value passPipe(napi_env env, napi_callback_info info) {
  processPipes().pass(Call(env, info).number());
  return nullptr;
}

napi_value sendPipe(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const auto bytes = call.bytes(1);
  if (PortPipe* const pipe = call.pipe()) pipe->send({bytes.begin(), bytes.end()});
  return nullptr;
}

napi_value readPipe(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  PortPipe* const pipe = call.pipe();
  if (pipe == nullptr) return nullptr;
  render::Message message;
  for (;;) {
    pipe->flush();
    const auto read = pipe->read(message);
    if (read == PortPipe::Result::closed) {
      processPipes().end(call.number());
      return nullptr;
    }
    if (read == PortPipe::Result::message) break;
    pipe->sleep();
    if (pipe->ready()) continue;
    napi_value nothing = nullptr;
    napi_get_null(env, &nothing);
    return nothing;
  }
  return bytesOf(env, message);
}

napi_value closePipe(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  PortPipe* const pipe = call.pipe();
  if (pipe != nullptr && !pipe->finish()) {
    pipe->sleep();
    if (!pipe->ready() || !pipe->finish()) return call.answer(false);
  }
  processPipes().end(call.number());
  return call.answer(true);
}

napi_value listenPipes(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  napi_value name = nullptr;
  napi_create_string_utf8(env, "backline-pipes", NAPI_AUTO_LENGTH, &name);
  const auto finalize = [](napi_env, void* user, void*) { static_cast<User*>(user)->listening.reset(); };
  const auto tell = [](napi_env env, napi_value callback, void* user, void*) {
    static_cast<User*>(user)->told = false;
    napi_value undefined = nullptr;
    if (env == nullptr || napi_get_undefined(env, &undefined) != napi_ok) return;
    napi_call_function(env, undefined, callback, 0, nullptr, nullptr);
  };
  User* const user = call.user;
  if (user->call != nullptr || napi_create_threadsafe_function(env, call.arguments[0], nullptr, name, 0, 1, user, finalize, user, tell, &user->call) != napi_ok) return nullptr;
  napi_unref_threadsafe_function(env, user->call);
  if (processPool() == nullptr) return nullptr;   // nor will there be a pipe
  user->listening = processPool()->bell().listen([user] {
    if (!user->told.exchange(true)) napi_call_threadsafe_function(user->call, nullptr, napi_tsfn_nonblocking);
  });
  return nullptr;
}

}  // namespace

void exportPipes(napi_env env, napi_value exports) {
  auto* const user = new User;
  napi_add_env_cleanup_hook(env, [](void* data) {
    auto* const ended = static_cast<User*>(data);
    ended->listening.reset();
    processPipes().endOf(ended);   // the User stays: its function is finalized later
  }, user);
  constexpr std::pair<const char*, napi_callback> functions[] = {{"createPipe", createPipe}, {"openPipes", openPipes}, {"passPipe", passPipe}, {"sendPipe", sendPipe},
                                                                 {"readPipe", readPipe},     {"closePipe", closePipe}, {"listenPipes", listenPipes}, {"handOver", handOver}, {"handedOver", handedOver}};
  for (const auto& [name, callback] : functions) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, user, &function);
    napi_set_named_property(env, exports, name, function);
  }
}

}  // namespace backline::script
