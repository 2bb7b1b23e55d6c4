#include "control/periodic_wave.h"

#include "control/base_audio_context.h"
#include "control/checks.h"

namespace backline {

namespace {

render::CreatePeriodicWave waveOf(PeriodicWaveOptions&& options) {
  auto require = [](bool holds, const std::string& what) {
    if (!holds) throw DomException("IndexSizeError", what);
  };
  for (const auto* terms : {&options.real, &options.imag}) {
    if (!*terms) continue;
    require((*terms)->size() >= 2, std::string(terms == &options.real ? "real" : "imag") +
                                       " of a PeriodicWave must have at least 2 elements, not " +
                                       std::to_string((*terms)->size()));
    for (float term : **terms) requireFinite(term, "every element of real and imag of a PeriodicWave");
  }
  if (options.real && options.imag) {
    require(options.real->size() == options.imag->size(),
            "real and imag of a PeriodicWave must be equally long: " + std::to_string(options.real->size()) +
                " and " + std::to_string(options.imag->size()));
  }
  render::CreatePeriodicWave wave{.disableNormalization = options.disableNormalization ? 1u : 0u};
  if (!options.real && !options.imag) options.imag = {0, 1};
  const std::size_t terms = options.real ? options.real->size() : options.imag->size();
  wave.real = options.real ? std::move(*options.real) : std::vector<float>(terms);
  wave.imag = options.imag ? std::move(*options.imag) : std::vector<float>(terms);
  wave.real[0] = wave.imag[0] = 0;
  return wave;
}

}  // namespace

PeriodicWave::PeriodicWave(BaseAudioContext& context, PeriodicWaveOptions options)
    : resource_(context.link(), context.link()->newResourceId()) {
  context.link()->send(resource_.id, waveOf(std::move(options)));
}

}  // namespace backline
