#pragma once

#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "render/records.h"

namespace backline::render {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

// The two directions of a record's fields. Scalars lie as they are, without padding; strings, vectors and bytes are
// preceded by a u32 count, what may be absent by a u32 that is 1 where it is there and 0 where not. One overload a kind of field serves every record.

class ArchiveWriter {
 public:
  explicit ArchiveWriter(std::vector<std::byte>& out) : out_(out) {}

  template <class... T>
  void all(const std::tuple<T&...>& fields) {
    std::apply([this](auto&... field) { (this->put(field), ...); }, fields);
  }
  template <class T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
  void put(const T& value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof value);
  }
  void put(const std::string& text) { putRun(text.data(), text.size()); }
  template <class T>
    requires(std::is_arithmetic_v<T> || std::is_same_v<T, std::byte>)
  void put(const std::vector<T>& values) {
    putRun(values.data(), values.size());
  }
  template <class T>
    requires(std::is_class_v<T>)
  void put(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(static_cast<std::uint32_t>(value.has_value()));
    if (value) put(*value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& pair) {
    put(pair.first);
    put(pair.second);
  }
  void put(const ProcessorParam& p) { all(std::tie(p.name, p.initial, p.minimum, p.maximum, p.rate)); }
  void put(const ModuleSource& m) { all(std::tie(m.url, m.source, m.imports)); }
  void put(const FailedRegistration& f) { all(std::tie(f.name, f.reason)); }

 private:
  template <class T>
  void putRun(const T* data, std::size_t count) {
    put(static_cast<std::uint32_t>(count));
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    if (count > 0) out_.insert(out_.end(), bytes, bytes + count * sizeof(T));
  }
  std::vector<std::byte>& out_;
};

/// Reads what ArchiveWriter wrote, believing nothing: every count is checked against what is left, every enumeration against its
/// last value. Throws RecordError.
class ArchiveReader {
 public:
  ArchiveReader(std::span<const std::byte> in, std::size_t offset) : in_(in), start_(offset) {}

  template <class... T>
  void all(const std::tuple<T&...>& fields) {
    std::apply([this](auto&... field) { (this->get(field), ...); }, fields);
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void get(T& value) {
    std::memcpy(&value, take(sizeof value), sizeof value);
  }
  void get(dsp::EventKind& value) { getEnum(value, dsp::EventKind::setValueCurve); }
  void get(ChannelCountMode& value) { getEnum(value, ChannelCountMode::explicitCount); }
  void get(ChannelInterpretation& value) { getEnum(value, ChannelInterpretation::discrete); }
  void get(AutomationRate& value) { getEnum(value, AutomationRate::kRate); }
  void get(std::string& text) {
    const std::uint32_t count = getCount(1);
    const std::byte* bytes = take(count);
    text.assign(reinterpret_cast<const char*>(bytes), count);
  }
  template <class T>
    requires(std::is_arithmetic_v<T> || std::is_same_v<T, std::byte>)
  void get(std::vector<T>& values) {
    const std::uint32_t count = getCount(sizeof(T));
    const std::byte* bytes = take(count * sizeof(T));
    values.resize(count);
    if (count > 0) std::memcpy(values.data(), bytes, count * sizeof(T));
  }
  template <class T>
    requires(std::is_class_v<T>)
  void get(std::vector<T>& values) {
    const std::uint32_t count = getCount(4);  // every element starts with a count of its own
    values.resize(count);
    for (T& value : values) get(value);
  }
  template <class T>
  void get(std::optional<T>& value) {
    std::uint32_t there = 0;
    get(there);
    if (there > 1) fail("presence " + std::to_string(there) + " is neither 0 nor 1");
    value.reset();
    if (there != 0) get(value.emplace());
  }
  template <class A, class B>
  void get(std::pair<A, B>& pair) {
    get(pair.first);
    get(pair.second);
  }
  void get(ProcessorParam& p) { all(std::tie(p.name, p.initial, p.minimum, p.maximum, p.rate)); }
  void get(ModuleSource& m) { all(std::tie(m.url, m.source, m.imports)); }
  void get(FailedRegistration& f) { all(std::tie(f.name, f.reason)); }

  std::size_t left() const { return in_.size() - position_; }
  [[noreturn]] void fail(const std::string& what) const {
    throw RecordError("record at byte " + std::to_string(start_) + ": " + what);
  }

 private:
  const std::byte* take(std::size_t bytes) {
    if (left() < bytes) fail("ends " + std::to_string(bytes - left()) + " bytes too early");
    const std::byte* at = in_.data() + position_;
    position_ += bytes;
    return at;
  }
  std::uint32_t getCount(std::size_t elementBytes) {
    std::uint32_t count = 0;
    get(count);
    if (count > left() / elementBytes) fail("count " + std::to_string(count) + " is larger than the record");
    return count;
  }
  template <class E>
  void getEnum(E& value, E last) {
    std::uint32_t number = 0;
    get(number);
    if (number > static_cast<std::uint32_t>(last)) fail("enumeration value " + std::to_string(number) + " does not exist");
    value = static_cast<E>(number);
  }
  std::span<const std::byte> in_;
  std::size_t start_;
  std::size_t position_ = 0;
};

}  // namespace backline::render
