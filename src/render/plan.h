#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "render/block.h"
#include "render/render_node.h"

namespace backline::render {

/// Runs of indices into a plan's flat arrays.
struct Run {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// Where one input gets its signal: the blocks to be mixed, and where the mix is put when it is more than one block passed on.
struct InputPlan {
  Run sources;                 ///< into Plan::sources
  std::uint32_t mix = 0;       ///< into Plan::blocks; the common silent block where nothing is ever mixed
  ChannelRules rules;
};

/// What of a node is done at a step: all of it, or one half of a node that breaks a cycle.
enum class Part : std::uint8_t { whole, output, input };

struct StepPlan {
  RenderNode* node = nullptr;
  Run inputs;                  ///< into Plan::inputs
  Run outputs;                 ///< into Plan::blocks
  Run params;                  ///< into Plan::params
  bool muted = false;          ///< in a cycle without a delay (Web Audio §1.5.4): outputs silence
  Part part = Part::whole;     ///< a node that breaks a cycle gives its output before it takes its input
  bool connected = false;      ///< something leads to an input or a parameter, or reads an output
};

/// What one quantum executes, in order. Immutable but for the blocks' contents. Compiled and freed off the render thread.
struct Plan {
  std::vector<StepPlan> steps;
  std::vector<InputPlan> inputs;
  std::vector<Run> params;             ///< an AudioParam's sources, into Plan::sources
  std::vector<std::uint32_t> sources;  ///< into blocks
  std::vector<Block> blocks;
  std::uint32_t output = 0;            ///< the block that is the session's output
  std::uint32_t paramBlock = 0;        ///< a mono block for mixing an AudioParam's inputs
  std::uint32_t mostParams = 0;
  std::uint32_t mostInputs = 0;
  std::vector<float> paramValues;      ///< mostParams × quantum
  std::vector<ParamBlock> paramBlocks; ///< mostParams, filled for each step
  std::vector<const Block*> inputBlocks;  ///< mostInputs, filled for each step
  std::unique_ptr<float[]> arena;      ///< the blocks' samples
  std::uint32_t arenaFrames = 0;
};

}  // namespace backline::render
