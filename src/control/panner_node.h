#pragma once

#include "control/audio_node.h"

namespace backline {

enum class PanningModelType : std::uint32_t { equalpower, hrtf };
enum class DistanceModelType : std::uint32_t { linear, inverse, exponential };

/// Units of length are the program's; angles are of whole cones, in degrees; gains are factors.
struct PannerOptions : AudioNodeOptions {
  PanningModelType panningModel = PanningModelType::equalpower;
  DistanceModelType distanceModel = DistanceModelType::inverse;
  float positionX = 0, positionY = 0, positionZ = 0;
  float orientationX = 1, orientationY = 0, orientationZ = 0;
  double refDistance = 1, maxDistance = 10000, rolloffFactor = 1;
  double coneInnerAngle = 360, coneOuterAngle = 360, coneOuterGain = 0;
};

/// Web Audio §1.27: a source in space, heard by the context's AudioListener, in two channels. With panningModel HRTF all its parameters and the
/// listener's count once a quantum. Its input is mono or stereo: other channel counts and the mode "max" throw NotSupportedError. [control]
class PannerNode final : public AudioNode {
 public:
  explicit PannerNode(BaseAudioContext& context, const PannerOptions& options = {});

  AudioParam& positionX() { return paramAt(0); }
  AudioParam& positionY() { return paramAt(1); }
  AudioParam& positionZ() { return paramAt(2); }
  AudioParam& orientationX() { return paramAt(3); }
  AudioParam& orientationY() { return paramAt(4); }
  AudioParam& orientationZ() { return paramAt(5); }

  PanningModelType panningModel() const;
  /// Throws NotSupportedError for HRTF where the responses are not installed.
  void setPanningModel(PanningModelType model);
  DistanceModelType distanceModel() const;
  void setDistanceModel(DistanceModelType model);

  /// What is set must be finite, else TypeError.
  double refDistance() const;
  void setRefDistance(double distance);   ///< throws RangeError below 0
  double maxDistance() const;
  void setMaxDistance(double distance);   ///< throws RangeError unless above 0
  double rolloffFactor() const;
  void setRolloffFactor(double factor);   ///< throws RangeError below 0
  double coneInnerAngle() const;
  void setConeInnerAngle(double degrees);
  double coneOuterAngle() const;
  void setConeOuterAngle(double degrees);
  double coneOuterGain() const;
  void setConeOuterGain(double gain);     ///< throws InvalidStateError outside 0 … 1

  /// Deprecated: sets the values of three parameters. Throws TypeError for what is not finite, NotSupportedError while a value curve of one of
  /// them lasts.
  void setPosition(float x, float y, float z);
  void setOrientation(float x, float y, float z);

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;
};

}  // namespace backline
