#include "control/dynamics_compressor_node.h"

#include "control/base_audio_context.h"
#include "control/checks.h"

namespace backline {

namespace {

transport::SharedMemory createMeter() {
  try {
    return transport::createPage<render::MeterStatus>("meter");
  } catch (const std::exception& error) {
    throw DomException("NotSupportedError", std::string("there can be no meter for a DynamicsCompressorNode: ") + error.what());
  }
}

}  // namespace

DynamicsCompressorNode::DynamicsCompressorNode(BaseAudioContext& context, const DynamicsCompressorOptions& options)
    : AudioNode(context, render::kDynamicsCompressor),
      meterHandle_(std::make_shared<ResourceHandle>(link(), link()->newResourceId())) {
  apply(options);
  transport::SharedMemory page = createMeter();
  link()->bindStream(meterHandle_->id, render::ResourceKind::meter, {.memory = page.fd().duplicate()});
  page.closeFd();   // there may be thousands of meters, and the mapping is enough
  meter_ = transport::PageReader<render::MeterStatus>(std::move(page));
  storeField(fieldNamed("meter"), meterHandle_->id);
  const std::pair<AudioParam*, float> initial[] = {{&threshold(), options.threshold},
                                                   {&knee(), options.knee},
                                                   {&ratio(), options.ratio},
                                                   {&attack(), options.attack},
                                                   {&release(), options.release}};
  for (const auto& [param, value] : initial) {
    if (value != param->defaultValue()) param->setValue(value);
  }
}

float DynamicsCompressorNode::reduction() const {
  render::MeterStatus status;
  return meter_.read(status) ? status.reduction : 0.0f;
}

void DynamicsCompressorNode::checkChannelCount(std::uint32_t count) const {
  requireMonoOrStereo(count, "channelCount of a DynamicsCompressorNode");
}

void DynamicsCompressorNode::checkChannelCountMode(ChannelCountMode mode) const {
  requireBoundedMode(mode, "channelCountMode of a DynamicsCompressorNode");
}

}  // namespace backline
