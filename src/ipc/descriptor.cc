#include "ipc/connection.h"

namespace backline::ipc {
namespace {

class HeldDescriptor final : public Descriptor::Server {
 public:
  explicit HeldDescriptor(transport::Fd fd) : fd_(std::move(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

 private:
  transport::Fd fd_;
};

}  // namespace

Descriptor::Client describe(transport::Fd fd) { return kj::heap<HeldDescriptor>(std::move(fd)); }

kj::Promise<transport::Fd> takeFd(Descriptor::Client descriptor) {
  auto promise = descriptor.getFd();
  // The capability owns the descriptor, so it is kept until there is a duplicate.
  return promise.then([descriptor = kj::mv(descriptor)](kj::Maybe<int> fd) -> transport::Fd {
    KJ_IF_MAYBE(held, fd) {
      transport::Fd borrowed(*held);
      try {
        transport::Fd mine = borrowed.duplicate();
        borrowed.release();
        return mine;
      } catch (const std::exception& error) {
        borrowed.release();
        kj::throwFatalException(callError(error.what()));
      }
    }
    kj::throwFatalException(callError("a Descriptor carries no file descriptor: the peer sent none, or more than " +
                                      std::to_string(kMaxFdsPerMessage) + " in one message"));
  });
}

kj::Promise<transport::Fd> takeFdIf(bool there, Descriptor::Client descriptor) {
  if (!there) return transport::Fd();
  return takeFd(kj::mv(descriptor));
}

}  // namespace backline::ipc
