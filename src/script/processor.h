#pragma once

#include <memory>

#include "script/realm.h"

namespace backline::script {

/// A node's processor, constructed. Null with the error if the constructor threw. `params`: as WorkletRuntime::create. Inside an Entry.
std::unique_ptr<render::Processor> createProcessor(const std::shared_ptr<Realm>& realm, render::NodeId node, const render::ProcessorOptions& options,
                                                   std::span<const render::ProcessorParam> params, render::ScriptError& error);

}  // namespace backline::script
