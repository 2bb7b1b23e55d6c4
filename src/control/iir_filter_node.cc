#include "control/iir_filter_node.h"

#include <algorithm>

#include "control/checks.h"

namespace backline {

namespace {

constexpr std::size_t kMostTerms = 20;

void requireTerms(const std::vector<double>& terms, const std::string& what) {
  if (terms.empty() || terms.size() > kMostTerms)
    throw DomException("NotSupportedError", what + " of an IIRFilterNode has 1 to 20 coefficients, not " + std::to_string(terms.size()));
  for (const double term : terms) requireFinite(term, ("every coefficient of " + what).c_str());
}

std::vector<double> argumentsOf(const IIRFilterOptions& options) {
  requireTerms(options.feedforward, "feedforward");
  requireTerms(options.feedback, "feedback");
  if (std::all_of(options.feedforward.begin(), options.feedforward.end(), [](double term) { return term == 0; }))
    throw DomException("InvalidStateError", "feedforward of an IIRFilterNode is all zeros");
  if (options.feedback[0] == 0) throw DomException("InvalidStateError", "the first coefficient of feedback of an IIRFilterNode is zero");
  std::vector<double> arguments{static_cast<double>(options.feedforward.size())};
  arguments.insert(arguments.end(), options.feedforward.begin(), options.feedforward.end());
  arguments.insert(arguments.end(), options.feedback.begin(), options.feedback.end());
  return arguments;
}

}  // namespace

IIRFilterNode::IIRFilterNode(BaseAudioContext& context, const IIRFilterOptions& options)
    : AudioNode(context, render::kIirFilter, argumentsOf(options), render::kIirFilter.channelRules),
      feedforward_(options.feedforward),
      feedback_(options.feedback) {
  apply(options);
}

void IIRFilterNode::getFrequencyResponse(std::span<const float> frequencyHz, std::span<float> magResponse, std::span<float> phaseResponse) const {
  requireResponseArrays(frequencyHz, magResponse, phaseResponse);
  fillResponse(feedforward_, feedback_, link()->info().sampleRate, frequencyHz, magResponse, phaseResponse);
}

}  // namespace backline
