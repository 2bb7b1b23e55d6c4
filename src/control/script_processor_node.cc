#include "control/script_processor_node.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "control/base_audio_context.h"
#include "control/checks.h"
#include "transport/error.h"

namespace backline {

namespace {

using render::ExchangeAnswer;
using render::ExchangeRequest;

// A program that falls behind finds what it missed, down to this many blocks; then they are dropped.
constexpr std::size_t kBlocks = 8;
constexpr std::uint32_t kLeastChosen = 2048;   // frames, as browsers choose

void checkChannels(std::uint32_t count, const char* what) {
  if (count > render::kMaxChannels) throw DomException("IndexSizeError", std::string(what) + " of createScriptProcessor must be at most 32, not " + std::to_string(count));
}

/// Time for the program's thread to come round, and no less than what the device asks for at a time.
std::uint32_t chooseFrames(const session::SessionInfo& info) {
  const auto latency = static_cast<std::uint32_t>(std::clamp(info.baseLatency * static_cast<double>(info.sampleRate), 0.0, 16384.0));
  return std::clamp(std::bit_ceil(std::max(4 * info.quantum, latency)), kLeastChosen, render::kMostScriptFrames);
}

std::uint32_t checkFrames(std::uint32_t frames, const session::SessionInfo& info) {
  if (frames == 0) return chooseFrames(info);
  if (frames < render::kLeastScriptFrames || frames > render::kMostScriptFrames || !std::has_single_bit(frames)) {
    throw DomException("IndexSizeError", "bufferSize of createScriptProcessor must be 0 or a power of two from 256 to 16384, not " + std::to_string(frames));
  }
  return frames;
}

/// A ring for kBlocks records, in which one of them fits twice.
transport::SharedMemory makeRing(const char* name, std::size_t bytes) {
  constexpr std::size_t kPrefix = 16;   // and padding
  return transport::createBlockStream(name, static_cast<std::uint32_t>(kBlocks * (bytes + kPrefix)));
}

}  // namespace

ScriptProcessorNode::Shape ScriptProcessorNode::checked(BaseAudioContext& context, const Shape& wanted) {
  checkChannels(wanted.inputs, "numberOfInputChannels");
  checkChannels(wanted.outputs, "numberOfOutputChannels");
  if (wanted.inputs == 0 && wanted.outputs == 0) throw DomException("IndexSizeError", "createScriptProcessor without channels of input or output");
  return {checkFrames(wanted.frames, context.link()->info()), wanted.inputs, wanted.outputs};
}

ScriptProcessorNode::ScriptProcessorNode(BaseAudioContext& context, std::uint32_t bufferSize, std::uint32_t numberOfInputChannels,
                                         std::uint32_t numberOfOutputChannels)
    : ScriptProcessorNode(context, checked(context, {bufferSize, numberOfInputChannels, numberOfOutputChannels})) {}

ScriptProcessorNode::ScriptProcessorNode(BaseAudioContext& context, const Shape& shape)
    : AudioNode(context, render::kScriptProcessor, 1, 1, {shape.inputs, ChannelCountMode::explicitCount, ChannelInterpretation::speakers}),
      shape_(shape) {
  send(render::CreateNode{render::numberOf(declaration()), renderRules()});
  bindExchange();
  storeField(fieldNamed("bufferSize"), shape_.frames);
  storeField(fieldNamed("numberOfInputChannels"), shape_.inputs);
  storeField(fieldNamed("numberOfOutputChannels"), shape_.outputs);
  storeField(fieldNamed("exchange"), exchange_->id);
  link()->onRound(id(), [this] { readRequests(); });
}

void ScriptProcessorNode::bindExchange() {
  try {
    transport::SharedMemory requests = makeRing("backline-requests", render::exchangeBytes<ExchangeRequest>(shape_.inputs, shape_.frames));
    transport::SharedMemory answers = makeRing("backline-answers", render::exchangeBytes<ExchangeAnswer>(shape_.outputs, shape_.frames));
    exchange_ = std::make_shared<ResourceHandle>(link(), link()->newResourceId());
    link()->bindStream(exchange_->id, render::ResourceKind::exchange,
                       {.memory = requests.fd().duplicate(), .answers = answers.fd().duplicate(), .notify = {}});
    requests_ = transport::BlockReader(std::move(requests));
    answers_ = transport::BlockWriter(std::move(answers));
  } catch (const transport::TransportError& error) {
    throw DomException("NotSupportedError", std::string("a ScriptProcessorNode cannot be made: ") + error.what());
  }
}

ScriptProcessorNode::~ScriptProcessorNode() {
  link()->onRound(id(), {});
  // The render side may keep the node: nobody would answer it.
  link()->sendLazily(id(), render::SetField{fieldNamed("exchange"), 0});
}

void ScriptProcessorNode::checkChannelCount(std::uint32_t count) const {
  if (count != channelCount()) throw DomException("NotSupportedError", "channelCount of a ScriptProcessorNode cannot be changed");
}

void ScriptProcessorNode::checkChannelCountMode(ChannelCountMode mode) const {
  if (mode != channelCountMode()) throw DomException("NotSupportedError", "channelCountMode of a ScriptProcessorNode cannot be changed");
}

void ScriptProcessorNode::connected() {
  connected_ = true;
  updateKept();
}

void ScriptProcessorNode::setHeard(bool heard) {
  heard_ = heard;
  updateKept();
}

void ScriptProcessorNode::updateKept() {
  const bool wanted = connected_ && heard_;
  if (wanted == link()->keeps(id())) return;
  if (wanted) {
    link()->keep(shared_from_this());
  } else {
    link()->letGo(id());
  }
}

bool ScriptProcessorNode::isSane(const ExchangeRequest& request, std::size_t bytes) const {
  if (request.kind == ExchangeRequest::unconnected) return bytes == sizeof request;
  return request.kind == ExchangeRequest::block && request.sequence > lastSequence_ && request.channels == shape_.inputs &&
         request.frames == shape_.frames && bytes == render::exchangeBytes<ExchangeRequest>(request.channels, request.frames) &&
         std::isfinite(request.playbackTime) && request.playbackTime >= 0;
}

void ScriptProcessorNode::readRequests() {
  while (requests_.read(request_) == transport::BlockReader::Result::message) {
    ExchangeRequest request;
    std::memcpy(&request, request_.data(), std::min(sizeof request, request_.size()));
    if (request_.size() < sizeof request || !isSane(request, request_.size())) {
      ++refused_;
      continue;
    }
    if (request.kind == ExchangeRequest::block) lastSequence_ = request.sequence;
    link()->queueTask([weak = weak_from_this(), request, record = std::move(request_)] {
      const auto alive = std::static_pointer_cast<ScriptProcessorNode>(weak.lock());
      if (alive) alive->answer(request, record);
    });
    request_ = {};
  }
}

void ScriptProcessorNode::answer(const ExchangeRequest& request, const std::vector<std::byte>& record) {
  missed_ = request.missed;
  connected_ = request.kind == ExchangeRequest::block;
  updateKept();
  if (!connected_) return;
  if (!onaudioprocess) return reply(request, nullptr);

  AudioProcessingEvent event{request.playbackTime, AudioBuffer::withChannels(shape_.inputs, shape_.frames, link()->info().sampleRate),
                             AudioBuffer::withChannels(shape_.outputs, shape_.frames, link()->info().sampleRate)};
  const auto* samples = reinterpret_cast<const float*>(record.data() + sizeof request);
  for (std::uint32_t c = 0; c < shape_.inputs; ++c) event.inputBuffer->copyToChannel({samples + std::size_t{c} * shape_.frames, shape_.frames}, c);
  // A copy: the handler may replace itself.
  const auto handler = onaudioprocess;
  try {
    handler(event);
  } catch (...) {
    reply(request, event.outputBuffer.get());
    throw;
  }
  reply(request, event.outputBuffer.get());
}

void ScriptProcessorNode::reply(const ExchangeRequest& request, const AudioBuffer* output) {
  // What the handler changed in the graph comes before the answer, so that a rendering that waits for it has it.
  link()->commit();
  const bool sounds = output != nullptr && !output->isDetached() && shape_.outputs > 0;
  const ExchangeAnswer header{request.sequence, sounds ? shape_.outputs : 0, sounds ? shape_.frames : 0};
  answer_.resize(render::exchangeBytes<ExchangeAnswer>(header.channels, header.frames));
  std::memcpy(answer_.data(), &header, sizeof header);
  for (std::uint32_t c = 0; c < header.channels; ++c) {
    const auto samples = output->channel(c);
    std::memcpy(answer_.data() + sizeof header + c * samples.size_bytes(), samples.data(), samples.size_bytes());
  }
  // No room: the render side has not taken the last ones, and would not play this one in time.
  answers_.tryWrite(answer_);
  link()->answered(exchange_->id, request.sequence);
}

}  // namespace backline
