#pragma once

#include <utility>
#include <vector>

#include "render/resource.h"

namespace backline::render {

/// WaveShaperNode's curve: at least two points.
class CurveResource : public Resource {
 public:
  explicit CurveResource(std::vector<float> points) : points_(std::move(points)) {}
  ResourceKind kind() const final { return ResourceKind::curve; }
  const std::vector<float>& points() const { return points_; }

 private:
  const std::vector<float> points_;
};

}  // namespace backline::render
