#include "transport/page_layout.h"

#include <new>
#include <string>

#include "transport/error.h"

namespace backline::transport {

SharedMemory createPageSegment(const char* name, std::uint32_t kind, std::uint32_t valueBytes,
                               std::size_t bytes) {
  SharedMemory memory = SharedMemory::create(name, bytes);
  new (memory.bytes().data()) PageIdentity{kPageMagic, kPageVersion, kind, valueBytes};
  return memory;
}

void checkPageSegment(const SharedMemory& memory, std::uint32_t kind, std::uint32_t valueBytes,
                      std::size_t bytes) {
  const auto expect = [](const char* field, std::uint64_t found, std::uint64_t expected) {
    if (found == expected) return;
    throw TransportError("page: " + std::string(field) + " is " + std::to_string(found) + ", expected " +
                         std::to_string(expected));
  };
  expect("segment size", memory.bytes().size(), bytes);
  PageIdentity identity;
  std::memcpy(&identity, memory.bytes().data(), sizeof identity);
  expect("magic", identity.magic, kPageMagic);
  expect("version", identity.version, kPageVersion);
  expect("kind", identity.kind, kind);
  expect("value size", identity.valueBytes, valueBytes);
}

}  // namespace backline::transport
