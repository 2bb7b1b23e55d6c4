#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace backline::media {

/// The codes of HTML's MediaError.
enum class MediaErrorCode : std::uint16_t { aborted = 1, network = 2, decode = 3, srcNotSupported = 4 };

/// Why an element cannot play, for people: names the file and what is wrong with it.
class MediaFailure : public std::runtime_error {
 public:
  MediaFailure(MediaErrorCode code, const std::string& message) : std::runtime_error(message), code(code) {}
  MediaErrorCode code;
};

}  // namespace backline::media
