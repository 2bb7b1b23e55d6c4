#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "render/worklet.h"

namespace backline {

/// What a bad call throws and what a completion is given when it fails. `what()` is the message: it names the argument.
class Error : public std::runtime_error {
 public:
  enum class Kind { domException, typeError, rangeError, script };

  /// A script's own error, with its place.
  explicit Error(const render::ScriptError& error)
      : Error(Kind::script, error.name, error.message) {
    script_ = std::make_shared<const render::ScriptError>(error);
  }

  Kind kind() const { return kind_; }
  /// "NotSupportedError", "RangeError", … or the name of the script's error.
  const std::string& name() const { return name_; }
  /// Where in a module it happened; null unless kind() is script.
  const render::ScriptError* script() const { return script_.get(); }

 protected:
  Error(Kind kind, std::string name, const std::string& message)
      : std::runtime_error(message), kind_(kind), name_(std::move(name)) {}

 private:
  Kind kind_;
  std::string name_;
  std::shared_ptr<const render::ScriptError> script_;
};

class DomException : public Error {
 public:
  DomException(std::string name, const std::string& message)
      : Error(Kind::domException, std::move(name), message) {}
};

class TypeError : public Error {
 public:
  explicit TypeError(const std::string& message) : Error(Kind::typeError, "TypeError", message) {}
};

class RangeError : public Error {
 public:
  explicit RangeError(const std::string& message) : Error(Kind::rangeError, "RangeError", message) {}
};

/// Told once how an operation ended: nothing if it succeeded. Called on the control thread, by dispatch() or, for an operation that
/// cannot even begin, before the call returns.
using Completion = std::function<void(std::optional<Error>)>;

}  // namespace backline
