#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace backline::media {

using MediaBytes = std::shared_ptr<const std::vector<std::byte>>;

/// Where the sound of an element is.
struct MediaLocation {
  enum class Kind { file, network, memory };
  Kind kind = Kind::memory;
  std::string name;      ///< for people
  std::string address;   ///< a path, or the URL of a network resource
  MediaBytes bytes;      ///< of memory
};

/// From a path or a URL: file:, http:, https:, data:. Throws MediaFailure for any other scheme and for what is no such URL.
MediaLocation locate(const std::string& source);
/// Bytes that are there already, named as their source.
MediaLocation locate(std::string name, MediaBytes bytes);

}  // namespace backline::media
