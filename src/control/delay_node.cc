#include "control/delay_node.h"

#include "control/checks.h"

namespace backline {

namespace {

constexpr double kLongestDelay = 180;   // seconds

double requireDelay(double seconds) {
  requireFinite(seconds, "maxDelayTime of a DelayNode");
  if (!(seconds > 0 && seconds < kLongestDelay))
    throw DomException("NotSupportedError", "maxDelayTime of a DelayNode must be above 0 and below 180 seconds, not " + textOf(seconds));
  return seconds;
}

}  // namespace

DelayNode::DelayNode(BaseAudioContext& context, const DelayOptions& options)
    : AudioNode(context, render::kDelay, {requireDelay(options.maxDelayTime)}, render::kDelay.channelRules) {
  apply(options);
  delayTime().setMaxValue(static_cast<float>(options.maxDelayTime));
  requireFinite(options.delayTime, "delayTime of a DelayNode");
  if (options.delayTime != 0) delayTime().setValue(static_cast<float>(options.delayTime));
}

}  // namespace backline
