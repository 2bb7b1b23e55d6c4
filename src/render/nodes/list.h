#pragma once

#include <span>

#include "render/node.h"

namespace backline::render {

// The registry of node types. A type's number on the wire is its place here: append only.
extern const NodeDeclaration kDestination;
extern const NodeDeclaration kGain;
extern const NodeDeclaration kConstantSource;
extern const NodeDeclaration kOscillator;
extern const NodeDeclaration kAudioBufferSource;
extern const NodeDeclaration kAudioWorklet;
extern const NodeDeclaration kAnalyser;
extern const NodeDeclaration kDynamicsCompressor;
extern const NodeDeclaration kConvolver;
extern const NodeDeclaration kMediaStreamAudioSource;
extern const NodeDeclaration kMediaStreamTrackAudioSource;
extern const NodeDeclaration kMediaStreamAudioDestination;
extern const NodeDeclaration kChannelMerger;
extern const NodeDeclaration kChannelSplitter;
extern const NodeDeclaration kStereoPanner;
extern const NodeDeclaration kDelay;
extern const NodeDeclaration kBiquadFilter;
extern const NodeDeclaration kIirFilter;
extern const NodeDeclaration kScriptProcessor;
extern const NodeDeclaration kWaveShaper;
extern const NodeDeclaration kAudioListener;
extern const NodeDeclaration kPanner;
extern const NodeDeclaration kMediaElementAudioSource;

inline constexpr const NodeDeclaration* kNodeTypes[] = {
    &kDestination, &kGain, &kConstantSource, &kOscillator, &kAudioBufferSource, &kAudioWorklet,
    &kAnalyser,
    &kDynamicsCompressor, &kConvolver,
    &kMediaStreamAudioSource, &kMediaStreamTrackAudioSource, &kMediaStreamAudioDestination,
    &kChannelMerger, &kChannelSplitter, &kStereoPanner, &kDelay, &kBiquadFilter, &kIirFilter,
    &kScriptProcessor, &kWaveShaper, &kAudioListener, &kPanner,
    &kMediaElementAudioSource,
};

/// Null if there is no such type.
const NodeDeclaration* nodeType(std::uint32_t number);
/// The number of a declaration in kNodeTypes.
std::uint32_t numberOf(const NodeDeclaration& declaration);

}  // namespace backline::render
