#pragma once

#include <memory>
#include <vector>

#include "render/node.h"
#include "render/notice_queue.h"
#include "render/worklet.h"

namespace backline::render {

/// The render half of an AudioWorkletNode. `processor` may be null: its constructor threw, and the node is silent.
/// `outputChannelCount` is empty when the one output follows the one input.
/// `lane`: the render thread's; outlives it. [compile]
std::unique_ptr<NodeRenderer> makeWorkletRenderer(NodeId id, std::unique_ptr<Processor> processor,
                                                  std::vector<std::uint32_t> outputChannelCount, NoticeQueue& notices, Lane& lane);

}  // namespace backline::render
