#include "dsp/mixing.h"

#include <algorithm>

#include "dsp/kernels.h"

namespace backline::dsp {

namespace {

constexpr float kSqrtHalf = 0.70710678118654752440f;

// Places of the speakers in the layouts of Web Audio §5.2.
enum Stereo : std::uint32_t { kLeft, kRight };
enum Quad : std::uint32_t { kQuadSurroundLeft = 2, kQuadSurroundRight };
enum Surround : std::uint32_t { kCenter = 2, kLfe, kSurroundLeft, kSurroundRight };

enum class Put { copy, add };

constexpr std::uint32_t pair(std::uint32_t from, std::uint32_t to) { return from * 256 + to; }

// One mix: every output channel is written, or added to, exactly once.
template <Put put>
struct Mixer {
  ConstPlanes in;
  Planes out;

  void same(std::uint32_t from, std::uint32_t to) const {
    if constexpr (put == Put::copy) {
      std::copy_n(in.channel(from), in.frames, out.channel(to));
    } else {
      add(in.channel(from), out.channel(to), in.frames);
    }
  }
  void whole() const {
    if constexpr (put == Put::copy) {
      std::copy_n(in.data, std::size_t{in.channels} * in.frames, out.data);
    } else {
      add(in.data, out.data, std::size_t{in.channels} * in.frames);
    }
  }
  void zero(std::uint32_t to) const {
    if constexpr (put == Put::copy) std::fill_n(out.channel(to), out.frames, 0.0f);
  }
  template <typename Sample>
  void each(std::uint32_t to, Sample sample) const {
    float* place = out.channel(to);
    for (std::uint32_t i = 0; i < in.frames; ++i) {
      const float value = sample(i);
      place[i] = put == Put::copy ? value : place[i] + value;
    }
  }

  void discrete() const {
    if (in.channels == out.channels) return whole();
    const std::uint32_t common = std::min(in.channels, out.channels);
    for (std::uint32_t i = 0; i < common; ++i) same(i, i);
    for (std::uint32_t i = common; i < out.channels; ++i) zero(i);
  }

  void speakers() const;
};

template <Put put>
void Mixer<put>::speakers() const {
  const float* l = in.channel(kLeft);
  const float* r = in.channels > 1 ? in.channel(kRight) : nullptr;
  switch (pair(in.channels, out.channels)) {
    case pair(1, 2):
      same(0, kLeft), same(0, kRight);
      break;
    case pair(1, 4):
      same(0, kLeft), same(0, kRight), zero(kQuadSurroundLeft), zero(kQuadSurroundRight);
      break;
    case pair(1, 6):
      zero(kLeft), zero(kRight), same(0, kCenter), zero(kLfe), zero(kSurroundLeft), zero(kSurroundRight);
      break;
    case pair(4, 6):
      same(kLeft, kLeft), same(kRight, kRight), zero(kCenter), zero(kLfe);
      same(kQuadSurroundLeft, kSurroundLeft), same(kQuadSurroundRight, kSurroundRight);
      break;
    case pair(2, 1):
      each(0, [=](std::uint32_t i) { return 0.5f * (l[i] + r[i]); });
      break;
    case pair(4, 1): {
      const float *sl = in.channel(kQuadSurroundLeft), *sr = in.channel(kQuadSurroundRight);
      each(0, [=](std::uint32_t i) { return 0.25f * (l[i] + r[i] + sl[i] + sr[i]); });
      break;
    }
    case pair(4, 2): {
      const float *sl = in.channel(kQuadSurroundLeft), *sr = in.channel(kQuadSurroundRight);
      each(kLeft, [=](std::uint32_t i) { return 0.5f * (l[i] + sl[i]); });
      each(kRight, [=](std::uint32_t i) { return 0.5f * (r[i] + sr[i]); });
      break;
    }
    case pair(6, 1): {
      const float *c = in.channel(kCenter), *sl = in.channel(kSurroundLeft), *sr = in.channel(kSurroundRight);
      each(0, [=](std::uint32_t i) { return kSqrtHalf * (l[i] + r[i]) + c[i] + 0.5f * (sl[i] + sr[i]); });
      break;
    }
    case pair(6, 2): {
      const float *c = in.channel(kCenter), *sl = in.channel(kSurroundLeft), *sr = in.channel(kSurroundRight);
      each(kLeft, [=](std::uint32_t i) { return l[i] + kSqrtHalf * (c[i] + sl[i]); });
      each(kRight, [=](std::uint32_t i) { return r[i] + kSqrtHalf * (c[i] + sr[i]); });
      break;
    }
    case pair(6, 4): {
      const float* c = in.channel(kCenter);
      each(kLeft, [=](std::uint32_t i) { return l[i] + kSqrtHalf * c[i]; });
      each(kRight, [=](std::uint32_t i) { return r[i] + kSqrtHalf * c[i]; });
      same(kSurroundLeft, kQuadSurroundLeft), same(kSurroundRight, kQuadSurroundRight);
      break;
    }
    default:
      discrete();
  }
}

template <Put put>
void mix(ConstPlanes in, Planes out, MixRule rule) {
  const Mixer<put> mixer{in, out};
  if (rule == MixRule::discrete) return mixer.discrete();
  mixer.speakers();
}

}  // namespace

void mixTo(ConstPlanes in, Planes out, MixRule rule) noexcept { mix<Put::copy>(in, out, rule); }
void mixOnto(ConstPlanes in, Planes out, MixRule rule) noexcept { mix<Put::add>(in, out, rule); }

}  // namespace backline::dsp
