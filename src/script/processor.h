#pragma once

#include <memory>

#include "script/realm.h"

namespace backline::script {

/// "Invoking processor constructor". Null with the error if it threw.
std::unique_ptr<render::Processor> createProcessor(const std::shared_ptr<Realm>& realm, render::NodeId node,
                                                   const render::ProcessorOptions& options,
                                                   render::ScriptError& error);

}  // namespace backline::script
