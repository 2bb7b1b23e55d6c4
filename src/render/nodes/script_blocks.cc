#include "render/nodes/script_blocks.h"

#include <algorithm>
#include <cstring>

namespace backline::render {

namespace {

float* samplesOf(std::vector<std::byte>& record, std::size_t header) { return reinterpret_cast<float*>(record.data() + header); }

}  // namespace

ScriptBlocks::ScriptBlocks(const ScriptShape& shape, std::shared_ptr<Exchange> exchange)
    : shape_(shape), ahead_(std::max(1u, (shape.quantum + shape.frames - 1) / shape.frames)), exchange_(std::move(exchange)) {
  rt_.request.resize(exchangeBytes<ExchangeRequest>(shape.inputs, shape.frames));
  const std::size_t longest = exchangeBytes<ExchangeAnswer>(shape.outputs, shape.frames);
  rt_.answers.resize(ahead_ + 1);
  for (Answer& answer : rt_.answers) answer.record.resize(longest);
  rt_.spare.resize(longest);
}

void ScriptBlocks::process(const Block& in, Block& out, std::uint64_t frame) noexcept {
  if (!rt_.connected) rt_.first = rt_.asked + 1;
  rt_.connected = true;
  takeAnswers();
  out.zero(std::max(1u, shape_.outputs));
  for (std::uint32_t done = 0; done < in.frames;) {
    if (rt_.cursor == 0) beginBlock();
    const std::uint32_t count = std::min(in.frames - done, shape_.frames - rt_.cursor);
    collect(in, done, count);
    play(out, done, count);
    done += count;
    rt_.cursor += count;
    if (rt_.cursor < shape_.frames) continue;
    rt_.cursor = 0;
    ask(frame + done);
  }
}

void ScriptBlocks::disconnected() noexcept {
  if (rt_.connected) {
    rt_.connected = false;
    rt_.cursor = 0;
    rt_.playing = nullptr;
    rt_.told = false;
  }
  if (rt_.told) return;
  const ExchangeRequest request{.sequence = rt_.asked, .kind = ExchangeRequest::unconnected, .missed = rt_.missed};
  rt_.told = exchange_->requests.tryWrite(std::as_bytes(std::span(&request, 1)));
  if (rt_.told) exchange_->notify();
}

bool ScriptBlocks::fits(const ExchangeAnswer& answer, std::uint32_t bytes) const noexcept {
  const bool shaped = answer.channels == 0 || (answer.channels == shape_.outputs && answer.frames == shape_.frames);
  return shaped && bytes == exchangeBytes<ExchangeAnswer>(answer.channels, answer.channels == 0 ? 0 : answer.frames);
}

void ScriptBlocks::takeAnswers() noexcept {
  // More than can come within a quantum, so that a backlog melts away.
  for (std::size_t reads = 2 * rt_.answers.size(); reads > 0; --reads) {
    const std::uint32_t bytes = exchange_->answers.readRecord(rt_.spare);
    if (bytes == 0) return;
    ExchangeAnswer answer;
    if (bytes < sizeof answer) {
      ++rt_.refused;
      continue;
    }
    std::memcpy(&answer, rt_.spare.data(), sizeof answer);
    // The answer to the block before these is playing, or was due.
    const bool wanted = answer.sequence <= rt_.asked && answer.sequence >= rt_.first && answer.sequence + ahead_ >= rt_.asked + (rt_.cursor == 0 ? 0 : 1);
    if (!wanted || !fits(answer, bytes) || slotOf(answer.sequence).sequence == answer.sequence) {
      ++rt_.refused;
      continue;
    }
    Answer& slot = slotOf(answer.sequence);
    slot.sequence = answer.sequence;
    std::swap(slot.record, rt_.spare);
  }
}

void ScriptBlocks::beginBlock() noexcept {
  rt_.playing = nullptr;
  if (rt_.asked < rt_.first + ahead_) return;   // nothing is due yet
  const std::uint64_t due = rt_.asked - ahead_;
  Answer& answer = slotOf(due);
  if (answer.sequence != due) {
    ++rt_.missed;
    return;
  }
  ExchangeAnswer header;
  std::memcpy(&header, answer.record.data(), sizeof header);
  if (header.channels != 0) rt_.playing = samplesOf(answer.record, sizeof header);
}

void ScriptBlocks::collect(const Block& in, std::uint32_t from, std::uint32_t count) noexcept {
  float* samples = samplesOf(rt_.request, sizeof(ExchangeRequest));
  for (std::uint32_t c = 0; c < shape_.inputs; ++c) {
    float* to = samples + std::size_t{c} * shape_.frames + rt_.cursor;
    if (c < in.channels) {
      std::copy_n(in.channel(c) + from, count, to);
    } else {
      std::fill_n(to, count, 0.0f);
    }
  }
}

void ScriptBlocks::play(Block& out, std::uint32_t from, std::uint32_t count) const noexcept {
  if (rt_.playing == nullptr) return;
  out.silent = false;
  for (std::uint32_t c = 0; c < shape_.outputs; ++c)
    std::copy_n(rt_.playing + std::size_t{c} * shape_.frames + rt_.cursor, count, out.channel(c) + from);
}

void ScriptBlocks::ask(std::uint64_t frame) noexcept {
  ++rt_.asked;
  const std::uint64_t played = frame + std::uint64_t{ahead_} * shape_.frames;
  const ExchangeRequest request{.sequence = rt_.asked,
                                .playbackTime = static_cast<double>(played) / static_cast<double>(shape_.sampleRate),
                                .kind = ExchangeRequest::block,
                                .channels = shape_.inputs,
                                .frames = shape_.frames,
                                .missed = rt_.missed};
  std::memcpy(rt_.request.data(), &request, sizeof request);
  if (exchange_->requests.tryWrite(rt_.request)) {
    exchange_->asked = rt_.asked;
    exchange_->notify();
  } else {
    ++rt_.unasked;
  }
}

}  // namespace backline::render
