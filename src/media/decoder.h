#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/audio_buffer.h"
#include "control/errors.h"
#include "media/decode_helper.h"
#include "transport/fd.h"

namespace backline::media {

struct DecodeReply;

struct DecoderOptions {
  std::vector<std::string> command;       ///< how to start backline-decode; empty: as findHelper() finds it
  std::string helperFolder = BACKLINE_HELPER_FOLDER;   ///< the last place to look for it
  unsigned atOnce = 0;                    ///< decodings; others wait for them. 0: two a processor, at least four
  std::uint64_t memory = std::uint64_t{256} << 20;     ///< bytes that one may take, beside the file and its samples
  double seconds = 10;                    ///< of processor time that one may take, and as many for each megabyte of the file; 600 at most
  double patience = 60;                   ///< seconds by which one may take more than four times that by the clock
  double idle = 10;                       ///< seconds without any, after which the helper ends
};

/// Decodes whole sound files away from the program: each in a process of its own that can reach nothing but the file's bytes (a guest of
/// DecodeHelper). Whatever a file does to the code that reads it ends that process at most.
/// Thread safety: any thread, several at once; a call blocks until its file is decoded.
class Decoder {
 public:
  explicit Decoder(DecoderOptions options = {});
  ~Decoder();   ///< of one that no call is in any more
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// A sound file in memory, in any format that FFmpeg reads, as an AudioBuffer at `sampleRate` (3000 … 768000 Hz, to the whole hertz), with the file's
  /// channels. What an encoder put before and behind the sound is cut off. Throws EncodingError for data that is no sound, is damaged, ends
  /// before what it declares, takes too much time or memory, or ends the process that decodes it: the message says what and where. Throws
  /// OperationError if the helper cannot be started, RangeError if there is no memory for the samples.
  std::shared_ptr<AudioBuffer> decodeAudioData(std::span<const std::byte> bytes, float sampleRate);

  /// How many files are decoded at once; other calls wait.
  unsigned atOnce() const { return atOnce_; }
  /// For others who decode with its help, too.
  const std::shared_ptr<DecodeHelper>& helper() const { return helper_; }
  /// Ends what is being decoded, and the helper. Every later call fails.
  void shut();

 private:
  class Turn;

  std::uint32_t processorSeconds(std::size_t bytes) const;
  DecodeHelper::Guest open();
  std::optional<DecodeReply> awaitReply(const transport::Fd& socket, std::uint32_t processorSeconds) const;

  const DecoderOptions options_;
  const unsigned atOnce_;
  const std::shared_ptr<DecodeHelper> helper_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned busy_ = 0;                // decodings
  bool shut_ = false;
};

}  // namespace backline::media
