#include "ipc/syscall_filter.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace backline::ipc {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

SyscallFilter::SyscallFilter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
  if (context_ == nullptr) {
    error_ = ENOMEM;
    return;
  }
  check(seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1));
  check(seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM)));
  check(seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, 2));   // a tree: the calls of every quantum are not at the end of a list
}

SyscallFilter::~SyscallFilter() {
  if (context_ != nullptr) seccomp_release(context_);
}

void SyscallFilter::check(int result) {
  if (result < 0 && error_ == 0) error_ = -result;
}

void SyscallFilter::allow(std::span<const int> calls) {
  for (const int call : calls) allow(call, {});
}

void SyscallFilter::allow(int call, std::initializer_list<scmp_arg_cmp> conditions) {
  if (error_ == 0) check(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, static_cast<unsigned>(conditions.size()), conditions.begin()));
}

void SyscallFilter::answer(int call, int error) {
  if (error_ == 0) check(seccomp_rule_add(context_, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0));
}

std::string SyscallFilter::enforce() {
  if (error_ == 0) check(seccomp_load(context_));
  return error_ == 0 ? "" : std::string("the kernel refuses the filter: ") + std::strerror(error_);
}

std::string whyWithoutWalls() {
  const char* wanted = std::getenv("BACKLINE_SANDBOX");
  if (wanted != nullptr && std::string_view(wanted) == "off") return "BACKLINE_SANDBOX=off is set";
  return kSanitized ? "this is a build with sanitizers" : "";
}

}  // namespace backline::ipc
