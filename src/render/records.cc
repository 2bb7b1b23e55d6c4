#include "render/records.h"

#include <array>

#include "render/archive.h"

namespace backline::render {
namespace {

struct Header {
  std::uint32_t size;   // of the whole record, header included
  std::uint16_t op;
  std::uint16_t zero;
  std::uint32_t target;
  std::uint32_t alsoZero;
  std::uint64_t sequence;
};
static_assert(sizeof(Header) == 24);

template <class Variant>
void encodeRecord(std::vector<std::byte>& out, const Record<Variant>& record) {
  const std::size_t start = out.size();
  out.resize(start + sizeof(Header));
  ArchiveWriter writer(out);
  // fields() binds members by reference and is shared by both directions, hence not const; nothing is written here.
  std::visit([&](const auto& body) { writer.all(const_cast<std::remove_cvref_t<decltype(body)>&>(body).fields()); }, record.body);
  const Header header{static_cast<std::uint32_t>(out.size() - start), static_cast<std::uint16_t>(record.body.index()), 0, record.target, 0,
                      record.sequence};
  std::memcpy(out.data() + start, &header, sizeof header);
}

template <class Variant, std::size_t... I>
auto makeDecoders(std::index_sequence<I...>) {
  using Decode = void (*)(ArchiveReader&, Variant&);
  return std::array<Decode, sizeof...(I)>{
      [](ArchiveReader& reader, Variant& body) { reader.all(body.template emplace<I>().fields()); }...};
}

template <class Variant>
std::vector<Record<Variant>> decodeRecords(std::span<const std::byte> message) {
  static const auto kDecoders = makeDecoders<Variant>(std::make_index_sequence<std::variant_size_v<Variant>>());
  std::vector<Record<Variant>> records;
  std::size_t at = 0;
  while (at < message.size()) {
    const auto fail = [at](const std::string& what) { throw RecordError("record at byte " + std::to_string(at) + ": " + what); };
    Header header;
    if (message.size() - at < sizeof header) fail("has no room for a header");
    std::memcpy(&header, message.data() + at, sizeof header);
    if (header.size < sizeof header || header.size > message.size() - at) fail("size " + std::to_string(header.size) + " is impossible");
    if (header.op >= kDecoders.size()) fail("op " + std::to_string(header.op) + " does not exist");
    if (header.zero != 0 || header.alsoZero != 0) fail("reserved fields are not zero");
    Record<Variant>& record = records.emplace_back();
    record.target = header.target;
    record.sequence = header.sequence;
    ArchiveReader reader(message.subspan(at + sizeof header, header.size - sizeof header), at);
    kDecoders[header.op](reader, record.body);
    if (reader.left() != 0) fail(std::to_string(reader.left()) + " bytes too long");
    at += header.size;
  }
  return records;
}

}  // namespace

void encode(std::vector<std::byte>& out, const CommandRecord& record) { encodeRecord(out, record); }
void encode(std::vector<std::byte>& out, const NoticeRecord& record) { encodeRecord(out, record); }

std::vector<CommandRecord> decodeCommands(std::span<const std::byte> message) { return decodeRecords<Command>(message); }
std::vector<NoticeRecord> decodeNotices(std::span<const std::byte> message) { return decodeRecords<Notice>(message); }

}  // namespace backline::render
