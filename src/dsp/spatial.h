#pragma once

#include <cmath>

namespace backline::dsp {

// Where sounds are and how loud they are there (Web Audio §6, Spatialization). Numbers come from floats and are computed with in double. [any thread]

struct Point {
  double x = 0, y = 0, z = 0;
  friend Point operator-(const Point& a, const Point& b) noexcept { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Point operator*(const Point& a, double size) noexcept { return {a.x * size, a.y * size, a.z * size}; }
};
inline double dot(const Point& a, const Point& b) noexcept { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline double length(const Point& a) noexcept { return std::sqrt(dot(a, a)); }

/// A place to listen from, with the axes of its head.
class Head {
 public:
  /// Without axes if `forward` and `up` are linearly dependent: everything is heard as if from the front.
  Head(const Point& position, const Point& forward, const Point& up) noexcept;

  const Point& position() const { return position_; }
  /// The sine of the azimuth of a source that is `offset` away: −1 left … 1 right. 0 straight above, below, and at the head itself.
  double side(const Point& offset) const noexcept;
  /// Degrees: azimuth −180 … 180 (0 in front, 90 right), elevation −90 … 90 (up).
  struct Direction {
    double azimuth = 0, elevation = 0;
  };
  Direction direction(const Point& offset) const noexcept;

 private:
  Point position_, right_, forward_, up_;   // the axes are unit vectors at right angles, or all zero
};

struct DistanceLaw {
  enum Model { linear, inverse, exponential } model = inverse;
  double reference = 1, most = 10000, rolloff = 1;

  double gain(double distance) const noexcept;
};

/// Angles are of the whole cone, in degrees.
struct Cone {
  double inner = 360, outer = 360, outerGain = 0;

  bool isEverywhere() const { return inner == 360 && outer == 360; }
  /// Of a source with this orientation, whose offset from the listener is `offset`.
  double gain(const Point& orientation, const Point& offset) const noexcept;
};

/// gainL and gainR of equal-power panning, from the sine of the azimuth: the cosine and sine of x · π / 2 without the angle.
struct PanGains {
  double left, right;
};
/// cos(Math.PI / 2), which the specification has for a left channel that hears nothing.
inline constexpr double kLeastLeft = 6.123233995736766e-17;
inline PanGains panMono(double side) noexcept { return {std::fmax(kLeastLeft, std::sqrt((1 - side) / 2)), std::sqrt((1 + side) / 2)}; }
inline PanGains panStereo(double side) noexcept {
  const double across = std::sqrt(std::fmax(0, 1 - side * side));
  return side <= 0 ? PanGains{std::fmax(kLeastLeft, -side), across} : PanGains{std::fmax(kLeastLeft, across), side};
}

}  // namespace backline::dsp
