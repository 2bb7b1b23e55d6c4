#include "dsp/spatial.h"

#include <algorithm>
#include <numbers>

namespace backline::dsp {

namespace {

constexpr double kDegrees = 180 / std::numbers::pi;
/// Of a direction's horizontal part, below which it is no more than the rounding of what is straight above.
constexpr double kLevel = 1e-7;

Point cross(const Point& a, const Point& b) noexcept { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }

}  // namespace

Head::Head(const Point& position, const Point& forward, const Point& up) noexcept : position_(position) {
  const Point right = cross(forward, up);
  const double size = length(right);
  if (!(size > 0)) return;
  right_ = right * (1 / size);
  forward_ = forward * (1 / length(forward));
  up_ = cross(right_, forward_);
}

double Head::side(const Point& offset) const noexcept {
  const double right = dot(offset, right_), front = dot(offset, forward_);
  const double square = right * right + front * front;
  return square > kLevel * kLevel * dot(offset, offset) ? std::clamp(right / std::sqrt(square), -1.0, 1.0) : 0;
}

Head::Direction Head::direction(const Point& offset) const noexcept {
  const double distance = length(offset);
  const double right = dot(offset, right_), front = dot(offset, forward_), up = dot(offset, up_);
  if (!(distance > 0) || dot(right_, right_) == 0) return {};
  const bool level = std::hypot(right, front) > kLevel * distance;
  return {level ? std::atan2(right, front) * kDegrees : 0, std::asin(std::clamp(up / distance, -1.0, 1.0)) * kDegrees};
}

double DistanceLaw::gain(double distance) const noexcept {
  switch (model) {
    case linear: {
      const double near = std::min(reference, most), far = std::max(reference, most);
      const double slope = std::clamp(rolloff, 0.0, 1.0);
      return near == far ? 1 - slope : 1 - slope * (std::clamp(distance, near, far) - near) / (far - near);
    }
    case inverse:
      return reference == 0 ? 0 : reference / (reference + std::max(0.0, rolloff) * (std::max(distance, reference) - reference));
    case exponential:
      return reference == 0 ? 0 : std::pow(std::max(distance, reference) / reference, -std::max(0.0, rolloff));
  }
  return 1;
}

double Cone::gain(const Point& orientation, const Point& offset) const noexcept {
  const double size = length(orientation);
  if (size == 0 || isEverywhere()) return 1;
  const double distance = length(offset);
  // The listener is where the offset's other end is: a source that points against the offset points at it.
  const double towards = distance > 0 ? -dot(offset, orientation) / (distance * size) : 0;
  const double angle = std::acos(std::clamp(towards, -1.0, 1.0)) * kDegrees;
  const double within = std::abs(inner) / 2, beyond = std::abs(outer) / 2;
  if (angle <= within) return 1;
  if (angle >= beyond) return outerGain;
  const double part = (angle - within) / (beyond - within);
  return (1 - part) + outerGain * part;
}

}  // namespace backline::dsp
