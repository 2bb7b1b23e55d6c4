#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "media/av.h"
#include "media/media_element.h"

namespace backline::media {

namespace {

struct Type {
  std::string_view mime;
  const char* format;      // FFmpeg's name
  AVCodecID codec;         // the only one in such files; none: there are several
};

constexpr Type kTypes[] = {
    {"wav", "wav", AV_CODEC_ID_NONE},      {"wave", "wav", AV_CODEC_ID_NONE},     {"x-wav", "wav", AV_CODEC_ID_NONE},
    {"vnd.wave", "wav", AV_CODEC_ID_NONE}, {"mpeg", "mp3", AV_CODEC_ID_MP3},      {"mp3", "mp3", AV_CODEC_ID_MP3},
    {"flac", "flac", AV_CODEC_ID_FLAC},    {"x-flac", "flac", AV_CODEC_ID_FLAC},  {"aac", "aac", AV_CODEC_ID_AAC},
    {"ogg", "ogg", AV_CODEC_ID_NONE},      {"opus", "ogg", AV_CODEC_ID_OPUS},     {"vorbis", "ogg", AV_CODEC_ID_VORBIS},
    {"mp4", "mp4", AV_CODEC_ID_NONE},      {"x-m4a", "mp4", AV_CODEC_ID_NONE},    {"webm", "webm", AV_CODEC_ID_NONE},
    {"aiff", "aiff", AV_CODEC_ID_NONE},    {"x-aiff", "aiff", AV_CODEC_ID_NONE},  {"basic", "au", AV_CODEC_ID_NONE},
};

struct Codec {
  std::string_view prefix;
  AVCodecID id;
};

constexpr Codec kCodecs[] = {
    {"mp4a.40.34", AV_CODEC_ID_MP3}, {"mp4a.69", AV_CODEC_ID_MP3}, {"mp4a.6b", AV_CODEC_ID_MP3}, {"mp4a.40", AV_CODEC_ID_AAC},
    {"mp4a.67", AV_CODEC_ID_AAC},    {"mp3", AV_CODEC_ID_MP3},     {"opus", AV_CODEC_ID_OPUS},   {"vorbis", AV_CODEC_ID_VORBIS},
    {"flac", AV_CODEC_ID_FLAC},      {"alac", AV_CODEC_ID_ALAC},   {"ac-3", AV_CODEC_ID_AC3},    {"ec-3", AV_CODEC_ID_EAC3},
    {"1", AV_CODEC_ID_PCM_S16LE},    {"3", AV_CODEC_ID_PCM_F32LE},
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\""), last = text.find_last_not_of(" \t\"");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

/// The items of codecs="a, b"; none if there is no such parameter.
std::vector<std::string> codecsOf(const std::string& type) {
  std::vector<std::string> codecs;
  const auto at = type.find("codecs=");
  if (at == std::string::npos) return codecs;
  std::string rest = type.substr(at + 7);
  rest = rest.starts_with('"') ? rest.substr(1, rest.find('"', 1) - 1) : rest.substr(0, rest.find(';'));
  for (std::size_t begin = 0; begin <= rest.size();) {
    const std::size_t end = std::min(rest.find(',', begin), rest.size());
    codecs.push_back(trimmed(rest.substr(begin, end - begin)));
    begin = end + 1;
  }
  return codecs;
}

bool canDecode(const std::string& codec) {
  const auto known = std::find_if(std::begin(kCodecs), std::end(kCodecs), [&](const Codec& each) { return codec.starts_with(each.prefix); });
  return known != std::end(kCodecs) && avcodec_find_decoder(known->id) != nullptr;
}

}  // namespace

std::string MediaElement::canPlayType(const std::string& given) {
  const std::string type = lower(given);
  const std::string essence = trimmed(type.substr(0, type.find(';')));
  const auto slash = essence.find('/');
  const std::string family = essence.substr(0, std::min(slash, essence.size()));
  if (slash == std::string::npos || (family != "audio" && family != "video" && essence != "application/ogg")) return "";
  const std::string name = essence.substr(slash + 1);
  const auto known = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const Type& each) { return each.mime == name; });
  if (known == std::end(kTypes) || !av_find_input_format(known->format)) return "";
  if (known->codec != AV_CODEC_ID_NONE && !avcodec_find_decoder(known->codec)) return "";
  const auto codecs = codecsOf(type);
  if (codecs.empty()) return known->codec == AV_CODEC_ID_NONE ? "maybe" : "probably";
  return std::all_of(codecs.begin(), codecs.end(), canDecode) ? "probably" : "";
}

}  // namespace backline::media
