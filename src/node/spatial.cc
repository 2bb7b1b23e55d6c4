#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Napi::Value listenerParam(Impl& impl, const Info& info) {
  const std::string name = info[0].ToString().Utf8Value();
  return heldParam(impl, name, impl.as<AudioListener>().param(name));
}

Object makePanner(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  PannerOptions options{nodeOptions(given)};
  read(given, "panningModel", options.panningModel);
  read(given, "distanceModel", options.distanceModel);
  read(given, "positionX", options.positionX);
  read(given, "positionY", options.positionY);
  read(given, "positionZ", options.positionZ);
  read(given, "orientationX", options.orientationX);
  read(given, "orientationY", options.orientationY);
  read(given, "orientationZ", options.orientationZ);
  read(given, "refDistance", options.refDistance);
  read(given, "maxDistance", options.maxDistance);
  read(given, "rolloffFactor", options.rolloffFactor);
  read(given, "coneInnerAngle", options.coneInnerAngle);
  read(given, "coneOuterAngle", options.coneOuterAngle);
  read(given, "coneOuterGain", options.coneOuterGain);
  return std::make_shared<PannerNode>(Impl::of(info[0]).context(), options);
}

}  // namespace

std::vector<ClassTable> spatialClasses() {
  return {
      {"AudioListener", nullptr, nullptr,
       {method<&listenerParam>("param"), method<&AudioListener::setPosition>("setPosition"),
        method<&AudioListener::setOrientation>("setOrientation")}},
      {"PannerNode", &makePanner, nullptr,
       nodeMembers(render::kPanner, {attribute<&PannerNode::panningModel, &PannerNode::setPanningModel>("panningModel"),
                                     attribute<&PannerNode::distanceModel, &PannerNode::setDistanceModel>("distanceModel"),
                                     attribute<&PannerNode::maxDistance, &PannerNode::setMaxDistance>("maxDistance"),
                                     attribute<&PannerNode::coneOuterGain, &PannerNode::setConeOuterGain>("coneOuterGain"),
                                     method<&PannerNode::setPosition>("setPosition"),
                                     method<&PannerNode::setOrientation>("setOrientation")})},
  };
}

}  // namespace backline::node
