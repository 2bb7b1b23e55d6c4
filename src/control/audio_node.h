#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "control/audio_param.h"
#include "control/session_link.h"
#include "render/nodes/list.h"

namespace backline {

class BaseAudioContext;
using render::ChannelCountMode;
using render::ChannelInterpretation;

struct AudioNodeOptions {
  std::optional<std::uint32_t> channelCount;
  std::optional<ChannelCountMode> channelCountMode;
  std::optional<ChannelInterpretation> channelInterpretation;
};

/// Web Audio §1.5. Nodes are made with std::make_shared (or a context's createX). One that the program has let go of still sounds as long
/// as it can be heard; a started source is kept until it has ended. [control]
class AudioNode : public std::enable_shared_from_this<AudioNode> {
 public:
  virtual ~AudioNode();
  AudioNode(const AudioNode&) = delete;
  AudioNode& operator=(const AudioNode&) = delete;

  std::uint32_t numberOfInputs() const { return inputs_; }
  std::uint32_t numberOfOutputs() const { return outputs_; }

  std::uint32_t channelCount() const { return rules_.count; }
  /// Throws NotSupportedError outside 1 … 32 and what the node type says.
  void setChannelCount(std::uint32_t count);
  ChannelCountMode channelCountMode() const { return rules_.mode; }
  void setChannelCountMode(ChannelCountMode mode);
  ChannelInterpretation channelInterpretation() const { return rules_.interpretation; }
  void setChannelInterpretation(ChannelInterpretation interpretation);

  /// Throws InvalidAccessError if `destination` is of another context, IndexSizeError if there is no such output or input.
  /// Returns `destination`.
  AudioNode& connect(AudioNode& destination, std::uint32_t output = 0, std::uint32_t input = 0);
  void connect(AudioParam& destination, std::uint32_t output = 0);

  /// Every form throws IndexSizeError if there is no such output or input, and InvalidAccessError if a destination is named that this
  /// node is not connected to.
  void disconnect();
  void disconnect(std::uint32_t output);
  void disconnect(const AudioNode& destination);
  void disconnect(const AudioNode& destination, std::uint32_t output);
  void disconnect(const AudioNode& destination, std::uint32_t output, std::uint32_t input);
  void disconnect(const AudioParam& destination);
  void disconnect(const AudioParam& destination, std::uint32_t output);

  /// In the order of the declaration.
  const std::vector<std::shared_ptr<AudioParam>>& params() const { return params_; }
  /// Null if there is none of that name.
  std::shared_ptr<AudioParam> param(std::string_view name) const;

  const render::NodeDeclaration& declaration() const { return declaration_; }
  /// The settable values that are no AudioParams, by their place in the declaration.
  double field(std::uint32_t index) const { return fields_[index]; }
  /// Throws TypeError for a number that is not finite. Out of range throws RangeError.
  void setField(std::uint32_t index, double value);

  /// Told when the context begins to keep this node, as one that may still sound or speak, and when it ceases to.
  std::function<void(bool kept)> onkept;

  render::NodeId id() const { return handle_->id; }
  const std::shared_ptr<SessionLink>& link() const { return handle_->link; }
  /// What the render side says of this node. [control, by dispatch]
  virtual void receive(const render::Notice&) {}

 protected:
  /// A node as its declaration says.
  AudioNode(BaseAudioContext& context, const render::NodeDeclaration& declaration);
  /// One made with arguments that decide its shape or can never change, within what the declaration accepts.
  AudioNode(BaseAudioContext& context, const render::NodeDeclaration& declaration, std::vector<double> arguments, render::ChannelRules rules);
  /// One whose shape its instance decides; sends nothing.
  AudioNode(BaseAudioContext& context, const render::NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
            render::ChannelRules rules);

  /// To be called by the constructor of the node type, so that its own constraints count.
  void apply(const AudioNodeOptions& options);
  void addParam(AudioParamShape shape);
  AudioParam& paramAt(std::uint32_t index) { return *params_[index]; }
  const std::shared_ptr<NodeHandle>& handle() const { return handle_; }
  void send(render::Command command) { handle_->link->send(handle_->id, std::move(command)); }
  /// What the render side is told of rules_, whose count may be 0.
  render::ChannelRules renderRules() const;
  /// As setField, for what is already checked.
  void storeField(std::uint32_t index, double value);
  /// The place of a field of this name, which the declaration has.
  std::uint32_t fieldNamed(std::string_view name) const;

  /// A connection from or to this node was made.
  virtual void connected() {}
  /// A node type's own constraints; throw.
  virtual void checkChannelCount(std::uint32_t count) const;
  virtual void checkChannelCountMode(ChannelCountMode) const {}
  virtual void checkChannelInterpretation(ChannelInterpretation) const {}

  render::ChannelRules rules_;

 private:
  struct Connection {
    std::uint32_t output;
    std::shared_ptr<NodeHandle> destination;
    bool toParam;
    std::uint32_t place;   // the input's or the param's index
    bool operator==(const Connection&) const = default;
  };

  void requireOutput(std::uint32_t output, const char* method) const;
  void add(Connection connection);
  template <class Predicate>
  bool remove(Predicate matches);
  void sendChannelRules() { send(render::SetChannelRules{renderRules()}); }

  const render::NodeDeclaration& declaration_;
  std::shared_ptr<NodeHandle> handle_;
  std::uint32_t inputs_, outputs_;
  std::vector<std::shared_ptr<AudioParam>> params_;
  std::vector<double> fields_;
  std::vector<Connection> connections_;
};

}  // namespace backline
