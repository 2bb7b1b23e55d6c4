#include "media/media_location.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "media/media_failure.h"

extern "C" {
#include <libavutil/base64.h>
}

namespace backline::media {

namespace {

constexpr std::size_t kLongestName = 80;   // of a URL that holds its data

[[noreturn]] void refuse(const std::string& name, const std::string& why) { throw MediaFailure(MediaErrorCode::srcNotSupported, name + ": " + why); }

std::string shortened(const std::string& url) { return url.size() <= kLongestName ? url : url.substr(0, kLongestName) + "…"; }

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percentDecoded(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
    if (low < 0) {
      decoded += text[i];
    } else {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

/// In lower case; empty for what is a path. RFC 3986 §3.1.
std::string schemeOf(const std::string& source) {
  const std::size_t colon = source.find(':');
  if (colon == std::string::npos || colon < 2) return "";
  std::string scheme = source.substr(0, colon);
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; };
  if (!std::isalpha(static_cast<unsigned char>(scheme[0])) || !std::all_of(scheme.begin(), scheme.end(), fits)) return "";
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return scheme;
}

/// RFC 8089: file:///path, file://localhost/path, file:/path.
std::string pathOf(const std::string& url) {
  std::string rest = url.substr(url.find(':') + 1);
  rest = rest.substr(0, rest.find_first_of("?#"));
  if (rest.starts_with("//")) {
    const std::size_t path = rest.find('/', 2);
    const std::string host = rest.substr(2, path == std::string::npos ? path : path - 2);
    if (!host.empty() && host != "localhost") refuse(url, "names a file of another host, " + host);
    rest = path == std::string::npos ? "" : rest.substr(path);
  }
  return percentDecoded(rest);
}

MediaBytes asBytes(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return std::make_shared<const std::vector<std::byte>>(first, first + text.size());
}

/// RFC 2397.
MediaBytes bytesOf(const std::string& url) {
  const std::size_t comma = url.find(',');
  if (comma == std::string::npos) refuse(shortened(url), "is no data: URL, there is no comma in it");
  const std::string head = url.substr(0, comma);
  std::string body = percentDecoded(url.substr(comma + 1));
  if (!head.ends_with(";base64")) return asBytes(body);
  std::erase_if(body, [](unsigned char c) { return std::isspace(c); });
  std::string decoded(AV_BASE64_DECODE_SIZE(body.size()), '\0');
  const int size = av_base64_decode(reinterpret_cast<std::uint8_t*>(decoded.data()), body.c_str(), static_cast<int>(decoded.size()));
  if (size < 0) refuse(shortened(url), "is no base64");
  decoded.resize(static_cast<std::size_t>(size));
  return asBytes(decoded);
}

}  // namespace

MediaLocation locate(std::string name, MediaBytes bytes) { return {MediaLocation::Kind::memory, std::move(name), "", std::move(bytes)}; }

MediaLocation locate(const std::string& source) {
  const std::string scheme = schemeOf(source);
  if (scheme.empty()) return {MediaLocation::Kind::file, source, source, nullptr};
  if (scheme == "file") {
    const std::string path = pathOf(source);
    return {MediaLocation::Kind::file, path, path, nullptr};
  }
  if (scheme == "http" || scheme == "https") return {MediaLocation::Kind::network, source, source, nullptr};
  if (scheme == "data") return locate(shortened(source), bytesOf(source));
  refuse(source, "sound cannot be fetched by " + scheme + ":, only by file:, http:, https: and data:");
}

}  // namespace backline::media
