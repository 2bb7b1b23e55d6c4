// What a node of a live context gives, in files and in chunks, from C++.
#include "media/recorder.h"

#include "control/audio_context.h"
#include "control/offline_audio_context.h"
#include "media/media_recording.h"
#include "tests/media/recording_support.h"
#include "tests/session/rig.h"

namespace backline {
namespace {

using namespace test;

constexpr std::uint32_t kRate = 48000;

/// A context that plays on the virtual device, and a source that counts for 20 s, heard nowhere.
struct Counting {
  session::Engine engine{options("virtual")};
  AudioContext context{engine, {.sampleRate = kRate}};
  std::shared_ptr<AudioBufferSourceNode> source = context.createBufferSource();
  Counting() {
    auto buffer = context.createBuffer(1, 20 * kRate, kRate);
    buffer->copyToChannel(counter(1, 20 * kRate), 0);
    source->setBuffer(buffer);
    source->start();
    context.resume();
    context.commit();
  }
  ~Counting() { context.close(); }
};

void sleepFor(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

TEST(Recorder, RecordsANodeWhileTheControlThreadDoesNothing) {
  const Folder folder;
  Counting rig;
  media::Recorder recorder(rig.context, rig.source, {.path = folder.file("take.wav"), .channels = 1}, {});
  sleepFor(500);
  recorder.recording().stop();
  recorder.recording().wait();
  recorder.release();
  recorder.release();
  const Heard heard(folder.file("take.wav"));
  ASSERT_GT(heard.frames, kRate / 10);
  std::size_t silent = 0;   // before it started
  while (silent < heard.frames && heard.samples[silent] == 0) ++silent;
  ASSERT_LT(silent, heard.frames);
  const auto first = static_cast<std::uint64_t>(heard.samples[silent] * 0x1p23f);
  EXPECT_EQ(wrongFrames(heard, silent, heard.frames - silent, first), 0u);
  EXPECT_EQ(recorder.recording().status().gaps, 0u);
}

TEST(Recorder, RefusesWhatItCannotRecordAndLeavesNoFile) {
  const Folder folder;
  Counting rig;
  const auto make = [&](BaseAudioContext& context, std::shared_ptr<AudioNode> node, media::RecorderOptions options) {
    options.path = folder.file("take.wav");
    try {
      media::Recorder(context, std::move(node), options, {});
    } catch (const DomException& error) {
      return error.name();
    }
    return std::string();
  };
  OfflineAudioContext offline({.numberOfChannels = 1, .length = 128, .sampleRate = kRate});
  EXPECT_EQ(make(offline, offline.createGain(), {}), "NotSupportedError");
  EXPECT_EQ(make(rig.context, offline.createGain(), {}), "InvalidAccessError");
  EXPECT_EQ(make(rig.context, rig.source, {.output = 1}), "IndexSizeError");
  EXPECT_EQ(make(rig.context, rig.source, {.channels = 33}), "NotSupportedError");
  EXPECT_EQ(folder.files(), 0u);
}

TEST(MediaStreamReader, IsNotAtAnEndBeforeItsContextHasBegun) {
  session::Engine engine(options("virtual"));
  AudioContext context(engine, {.sampleRate = kRate});
  auto into = context.createMediaStreamDestination();
  MediaStreamReader reader(into->stream()->getTracks()[0]);
  EXPECT_FALSE(reader.ended());
  EXPECT_TRUE(comesTrue([&] { return reader.available() > 0; }));
  EXPECT_FALSE(reader.ended());
  context.close();
  EXPECT_TRUE(comesTrue([&] {
    context.waitAndDispatch(0);
    return reader.ended();
  }));
}

TEST(MediaRecording, ItsChunksAreOneFileWithTheSizesOfAStream) {
  Counting rig;
  auto into = rig.context.createMediaStreamDestination();
  into->setChannelCount(1);
  rig.source->connect(*into);
  rig.context.commit();
  std::atomic<int> woken{0};
  media::MediaRecording recording(into->stream()->getTracks()[0], {.format = media::SoundFormat::wav, .timeslice = 0.05}, [&] { ++woken; });
  ASSERT_TRUE(comesTrue([&] { return woken > 3; }));
  recording.requestData();
  recording.end();
  std::string file;
  int chunks = 0;
  bool last = false;
  while (auto chunk = recording.take()) {
    EXPECT_FALSE(last);
    last = chunk->last;
    file.append(reinterpret_cast<const char*>(chunk->bytes.data()), chunk->bytes.size());
    ++chunks;
  }
  EXPECT_TRUE(last);
  EXPECT_EQ(chunks, woken);
  EXPECT_EQ(file.substr(0, 8), std::string("RIFF\xff\xff\xff\xff"));
  const std::size_t data = file.find("data");
  ASSERT_NE(data, std::string::npos);
  EXPECT_EQ(file.substr(data + 4, 4), std::string("\xff\xff\xff\xff"));
  std::vector<float> samples((file.size() - data - 8) / sizeof(float));
  std::memcpy(samples.data(), file.data() + data + 8, samples.size() * sizeof(float));
  std::size_t steps = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (samples[i - 1] == 0) continue;
    ASSERT_EQ(samples[i], samples[i - 1] + 0x1p-23f) << i;
    ++steps;
  }
  EXPECT_GT(steps, kRate / 10u);
}

}  // namespace
}  // namespace backline
