#include "media/ogg_pages.h"

#include <random>

#include "media/bytes.h"

namespace backline::media {

namespace {

constexpr int kPagesPerSecond = 4;

ogg_packet packetOf(unsigned char* data, std::size_t size, std::int64_t granule, std::int64_t number, bool last) {
  return {data, static_cast<long>(size), number == 0, last, granule, number};
}

std::vector<std::byte> bytesOf(const ogg_page& page) {
  return Bytes()
      .add(std::as_bytes(std::span(page.header, static_cast<std::size_t>(page.header_len))))
      .add(std::as_bytes(std::span(page.body, static_cast<std::size_t>(page.body_len))))
      .take();
}

unsigned char* dataOf(std::vector<std::byte>& packet) { return reinterpret_cast<unsigned char*>(packet.data()); }

}  // namespace

OggPages::OggPages(DiskFile& file, std::uint32_t rate) : file_(file), pageGranules_(rate / kPagesPerSecond), serial_(static_cast<int>(std::random_device{}())) {
  ogg_stream_init(&stream_, serial_);
}

OggPages::~OggPages() { ogg_stream_clear(&stream_); }

void OggPages::header(std::vector<std::byte> packet) {
  if (packets_ == 1) commentsAt_ = file_.size();
  ogg_packet head = packetOf(dataOf(packet), packet.size(), 0, packets_++, false);
  ogg_stream_packetin(&stream_, &head);
  ogg_page page;
  while (ogg_stream_flush(&stream_, &page) != 0) file_.append(bytesOf(page));
}

void OggPages::replaceComments(std::vector<std::byte> packet) {
  // A stream of its own makes the same page, with its checksum.
  ogg_stream_state again;
  ogg_stream_init(&again, serial_);
  again.pageno = 1;
  again.b_o_s = 1;
  ogg_packet comments = packetOf(dataOf(packet), packet.size(), 0, 1, false);
  ogg_stream_packetin(&again, &comments);
  ogg_page page;
  if (ogg_stream_flush(&again, &page) != 0) file_.writeAt(commentsAt_, bytesOf(page));
  ogg_stream_clear(&again);
}

void OggPages::packet(const unsigned char* data, std::size_t size, std::int64_t granule, bool last) {
  ogg_packet packet = packetOf(const_cast<unsigned char*>(data), size, granule, packets_++, last);
  ogg_stream_packetin(&stream_, &packet);
  ogg_page page;
  const bool whole = last || granule - flushed_ >= pageGranules_;
  while ((whole ? ogg_stream_flush(&stream_, &page) : ogg_stream_pageout(&stream_, &page)) != 0) {
    file_.append(bytesOf(page));
    if (const std::int64_t reached = ogg_page_granulepos(&page); reached >= 0) flushed_ = reached;
  }
}

}  // namespace backline::media
