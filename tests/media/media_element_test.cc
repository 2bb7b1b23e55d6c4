#include "media/media_element.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "render/streams.h"
#include "tests/control/fake_session.h"
#include "tests/media/decoding.h"
#include "tests/media/media_files.h"
#include "tests/render/nodes/node_harness.h"

namespace backline {
namespace {

using media::MediaElement;
using media::MediaElements;
using test::errorOf;
using test::FakeContext;
using test::MediaFile;
using test::numberedSamples;
using test::writeSound;
using Events = std::vector<std::string>;

constexpr int kFloatWav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

session::Engine& noEngine() { throw session::EngineError("there is no device in this test"); }

/// An element that a context has taken, and that context's render side, which goes on when it is asked to.
struct Rig {
  explicit Rig(const std::string& src = "") : element(MediaElement::create(elements)) {
    element->onevent = [this](const std::string& type) {
      if (type != "timeupdate") events.push_back(type);
    };
    if (!src.empty()) element->setSrc(src);
  }
  void take() { node = context->createMediaElementSource(element); }
  template <class Condition>
  bool comes(Condition condition, bool renders = true) {
    for (int i = 0; i < 20000; ++i) {
      elements.dispatch();
      if (condition()) return true;
      if (!renders || !step()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  bool told(const std::string& type) {
    return comes([&] { return std::count(events.begin(), events.end(), type) > 0; });
  }
  /// A quantum, if its frames are there; false if nothing is to be played.
  bool step() {
    if (!node) return false;
    context->commit();
    const auto sets = context.record->all<render::SetField>();
    for (; applied < sets.size(); ++applied) {
      const auto& [target, set] = sets[applied];
      if (target != node->id()) continue;
      if (set.field != render::kElementStream) {
        render.field(set.field, set.value);
        values[set.field] = set.value;
        continue;
      }
      stream.reset();
      if (set.value != 0) {
        auto& [kind, ends] = context.record->streams.at(static_cast<std::uint32_t>(set.value));
        stream = std::static_pointer_cast<render::InputStream>(render::makeStream(kind, std::move(ends)));
      }
      render.field(set.field, stream.get());
    }
    const bool ends = stream && stream->reader.writerState() == transport::WriterState::ended;
    if (!stream || (stream->reader.available() < 128 && !ends)) return false;
    const std::uint64_t before = stream->reader.consumed();
    render.step();
    const auto& out = render.output();
    const bool sounds = values[render::kElementPlaying] != 0 && stream->reader.consumed() > before;
    if (!sounds) return false;
    for (std::uint32_t i = 0; i < 128; ++i) heard.push_back(out.channel(0)[i]);
    return true;
  }

  MediaElements elements{noEngine, test::decodeHelper()};
  std::shared_ptr<MediaElement> element;
  FakeContext context;
  std::shared_ptr<MediaElementAudioSourceNode> node;
  Events events;
  test::NodeHarness render{render::kMediaElementAudioSource, 48000};
  std::shared_ptr<render::InputStream> stream;
  std::map<std::uint32_t, double> values;
  std::size_t applied = 0;
  std::vector<float> heard;
};

std::vector<float> trimmed(std::vector<float> samples, std::size_t frames) {
  if (samples.size() > frames && samples.size() < frames + 128) samples.resize(frames);   // of the last quantum
  return samples;
}

TEST(MediaElement, LoadsAndPlaysInTheOrderOfTheStandard) {
  const auto samples = numberedSamples(20'000, 1);
  const MediaFile file("order.wav", writeSound(kFloatWav, 48000, 1, samples));
  Rig rig(file.path());
  EXPECT_EQ(rig.element->networkState(), media::NetworkState::noSource) << "chosen in a task";
  EXPECT_TRUE(std::isnan(rig.element->duration()));
  rig.take();
  ASSERT_TRUE(rig.told("suspend"));
  EXPECT_EQ(rig.events, (Events{"loadstart", "durationchange", "loadedmetadata", "loadeddata", "canplay", "canplaythrough", "suspend"}));
  EXPECT_EQ(rig.element->readyState(), media::ReadyState::enoughData);
  EXPECT_DOUBLE_EQ(rig.element->duration(), 20'000 / 48000.0);
  EXPECT_TRUE(rig.heard.empty()) << "until it is played";
  rig.events.clear();
  int completed = 0;
  rig.element->play([&](const std::optional<Error>& error) { completed += !error; });
  EXPECT_FALSE(rig.element->paused());
  ASSERT_TRUE(rig.told("ended"));
  EXPECT_EQ(rig.events, (Events{"play", "playing", "pause", "ended"}));
  EXPECT_EQ(completed, 1);
  EXPECT_TRUE(rig.element->paused());
  EXPECT_TRUE(rig.element->ended());
  EXPECT_DOUBLE_EQ(rig.element->currentTime(), rig.element->duration());
  EXPECT_EQ(trimmed(rig.heard, 20'000), samples) << "frame by frame";
  ASSERT_EQ(rig.element->played().size(), 1u);
  EXPECT_DOUBLE_EQ(rig.element->played()[0].end, rig.element->duration());
  rig.events.clear();
  rig.heard.clear();
  rig.element->play();
  ASSERT_TRUE(rig.told("ended"));
  EXPECT_EQ(rig.events, (Events{"seeking", "play", "playing", "seeked", "pause", "ended"}));
  EXPECT_EQ(trimmed(rig.heard, 20'000), samples) << "and again";
}

TEST(MediaElement, HoldsStillWhileItIsPausedAndGoesOnWithTheNextFrame) {
  const auto samples = numberedSamples(40'000, 1);
  const MediaFile file("pause.wav", writeSound(kFloatWav, 48000, 1, samples));
  Rig rig(file.path());
  rig.take();
  rig.element->play();
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= 4096; }));
  rig.element->pause();
  rig.step();
  const std::size_t heard = rig.heard.size();
  const double at = rig.element->currentTime();
  EXPECT_DOUBLE_EQ(at, static_cast<double>(heard) / 48000);
  for (int i = 0; i < 20; ++i) rig.comes([] { return true; }), rig.step();
  EXPECT_EQ(rig.heard.size(), heard);
  EXPECT_EQ(rig.element->currentTime(), at);
  rig.element->play();
  ASSERT_TRUE(rig.told("ended"));
  EXPECT_EQ(trimmed(rig.heard, 40'000), samples);
}

TEST(MediaElement, SeeksToTheVeryFrameWhileItPlaysAndWhileItDoesNot) {
  const auto samples = numberedSamples(96'000, 1);
  const MediaFile file("seek.wav", writeSound(kFloatWav, 48000, 1, samples));
  Rig rig(file.path());
  rig.take();
  rig.element->setCurrentTime(1);
  EXPECT_EQ(rig.element->currentTime(), 1) << "before anything is loaded";
  ASSERT_TRUE(rig.told("seeked"));
  EXPECT_EQ(rig.element->currentTime(), 1);
  rig.element->play();
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= 1280; }));
  rig.events.clear();
  rig.element->setCurrentTime(0.25);
  EXPECT_TRUE(rig.element->seeking());
  EXPECT_EQ(rig.element->currentTime(), 0.25);
  ASSERT_TRUE(rig.told("seeked"));
  const std::size_t before = rig.heard.size();
  for (std::size_t i = 0; i < before; ++i) ASSERT_EQ(rig.heard[i], samples[48'000 + i]) << i;
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= before + 12'000; }));
  for (std::size_t i = before; i < rig.heard.size(); ++i) ASSERT_EQ(rig.heard[i], samples[12'000 + i - before]) << i;
  EXPECT_EQ(rig.events, (Events{"seeking", "seeked"}));
  rig.element->setCurrentTime(1e9);
  ASSERT_TRUE(rig.told("ended")) << "beyond the end is the end";
}

TEST(MediaElement, LoopsWithoutAGapAndEndsWithItsRoundWhenItIsToLoopNoMore) {
  const auto samples = numberedSamples(3'000, 1);
  const MediaFile file("loop.wav", writeSound(kFloatWav, 48000, 1, samples));
  Rig rig(file.path());
  rig.element->setLoop(true);
  rig.take();
  rig.element->play();
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= 32'000; }));
  EXPECT_FALSE(rig.element->ended());
  rig.element->setLoop(false);
  ASSERT_TRUE(rig.told("ended"));
  const std::size_t rounds = (rig.heard.size() + 127) / 3000;
  EXPECT_LT(rig.heard.size(), rounds * 3000 + 128);
  for (std::size_t i = 0; i < rounds * 3000; ++i) ASSERT_EQ(rig.heard[i], samples[i % 3000]) << i;
  EXPECT_GE(std::count(rig.events.begin(), rig.events.end(), "seeked"), 1);
}

TEST(MediaElement, AppliesVolumeAndMutedAndRefusesWhatIsNone) {
  const MediaFile file("volume.wav", writeSound(kFloatWav, 48000, 1, std::vector<float>(48'000, 0.5f)));
  Rig rig(file.path());
  rig.element->setVolume(0.25);
  rig.take();
  rig.element->play();
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= 1000; }));
  EXPECT_EQ(rig.heard[0], 0.125f);
  rig.element->setMuted(true);
  ASSERT_TRUE(rig.comes([&] { return rig.heard.back() == 0; }));
  EXPECT_EQ(std::count(rig.events.begin(), rig.events.end(), "volumechange"), 2);
  EXPECT_EQ(errorOf([&] { rig.element->setVolume(1.5); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { rig.element->setVolume(std::nan("")); }), "TypeError");
  EXPECT_EQ(errorOf([&] { rig.element->setPlaybackRate(-1); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { rig.element->setPlaybackRate(100); }), "NotSupportedError");
}

TEST(MediaElement, ASourceThatCannotBePlayedIsAnErrorThatNamesIt) {
  for (const std::string src : {"/nowhere/song.wav", "gopher://x", "/tmp"}) {
    Rig rig(src);
    std::string failed;
    rig.element->play([&](const std::optional<Error>& error) { failed = error ? error->name() : "it plays"; });
    ASSERT_TRUE(rig.told("error")) << src;
    EXPECT_EQ(failed, "NotSupportedError");
    ASSERT_TRUE(rig.element->error());
    EXPECT_EQ(rig.element->error()->code, media::MediaErrorCode::srcNotSupported);
    EXPECT_NE(rig.element->error()->message.find(src), std::string::npos) << rig.element->error()->message;
    EXPECT_EQ(rig.element->networkState(), media::NetworkState::noSource);
    EXPECT_FALSE(rig.element->isActive());
    failed.clear();
    rig.element->play([&](const std::optional<Error>& error) { failed = error ? error->name() : "it plays"; });
    EXPECT_EQ(failed, "NotSupportedError") << "at once";
  }
}

TEST(MediaElement, PlaysWhatATruncatedFileHasBeforeItTells) {
  const auto samples = numberedSamples(48'000, 1);
  auto bytes = writeSound(kFloatWav, 48000, 1, samples);
  bytes.resize(bytes.size() - 4 * 18'000);
  const MediaFile file("truncated.wav", bytes);
  Rig rig(file.path());
  rig.take();
  rig.element->play();
  ASSERT_TRUE(rig.told("error"));
  EXPECT_EQ(rig.element->error()->code, media::MediaErrorCode::decode);
  EXPECT_NE(rig.element->error()->message.find("truncated"), std::string::npos);
  EXPECT_EQ(trimmed(rig.heard, 30'000), std::vector<float>(samples.begin(), samples.begin() + 30'000));
  EXPECT_FALSE(rig.element->isActive());
}

TEST(MediaElement, AnotherSourceTakesThePlaceOfTheFirst) {
  const MediaFile one("one.wav", writeSound(kFloatWav, 48000, 1, std::vector<float>(96'000, 0.25f)));
  const MediaFile two("two.wav", writeSound(kFloatWav, 44100, 2, std::vector<float>(88'200, 0.5f)));
  Rig rig(one.path());
  rig.take();
  std::string failed;
  rig.element->play([&](const std::optional<Error>& error) { failed = error ? error->name() : "it plays"; });
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= 1000; }));
  EXPECT_EQ(failed, "it plays");
  rig.events.clear();
  rig.element->setSrc(two.path());
  EXPECT_TRUE(rig.element->paused());
  rig.element->play();
  ASSERT_TRUE(rig.told("playing"));
  EXPECT_EQ(rig.events, (Events{"abort", "emptied", "play", "waiting", "loadstart", "durationchange", "loadedmetadata", "loadeddata", "canplay", "playing", "canplaythrough", "suspend"}));
  ASSERT_TRUE(rig.comes([&] { return rig.heard.size() >= 4000 && std::abs(rig.heard.back() - 0.5f) < 1e-3f; }));
  EXPECT_EQ(rig.render.output().channels, 2);
}

TEST(MediaElement, PlayIsInterruptedByPauseAndByAnotherLoad) {
  const MediaFile file("interrupted.wav", writeSound(kFloatWav, 48000, 1, numberedSamples(48'000, 1)));
  Rig rig(file.path());
  std::vector<std::string> results;
  const auto note = [&](const std::optional<Error>& error) { results.push_back(error ? error->name() : "it plays"); };
  rig.element->play(note);
  rig.element->pause();
  rig.element->play(note);
  rig.element->load();
  rig.elements.dispatch();
  EXPECT_EQ(results, (std::vector<std::string>{"AbortError", "AbortError"}));
}

TEST(MediaElement, WithoutADeviceItIsAnErrorToPlayByItself) {
  const MediaFile file("no device.wav", writeSound(kFloatWav, 48000, 1, numberedSamples(48'000, 1)));
  Rig rig(file.path());
  rig.element->play();
  ASSERT_TRUE(rig.told("error"));
  EXPECT_NE(rig.element->error()->message.find("there is no device in this test"), std::string::npos);
}

TEST(MediaElement, IsTakenOnce) {
  const MediaFile file("taken.wav", writeSound(kFloatWav, 48000, 1, numberedSamples(48'000, 1)));
  Rig rig(file.path());
  rig.take();
  EXPECT_EQ(rig.node->mediaElement(), rig.element);
  EXPECT_EQ(rig.node->numberOfInputs(), 0u);
  FakeContext other;
  EXPECT_EQ(errorOf([&] { rig.context->createMediaElementSource(rig.element); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { other->createMediaElementSource(rig.element); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { other->createMediaElementSource(nullptr); }), "TypeError");
}

TEST(MediaElement, SoundsOnWhenOnlyTheElementIsHeld) {
  const MediaFile file("held.wav", writeSound(kFloatWav, 48000, 1, numberedSamples(48'000, 1)));
  Rig rig(file.path());
  rig.take();
  const auto id = rig.node->id();
  rig.node.reset();
  rig.context->dispatch();
  rig.element->play();
  ASSERT_TRUE(rig.comes([&] {
    const auto sets = rig.context.record->all<render::SetField>();
    return std::any_of(sets.begin(), sets.end(), [&](const auto& set) { return set.first == id && set.second.field == render::kElementPlaying && set.second.value == 1; });
  }));
  EXPECT_EQ(rig.context.record->count<render::ReleaseNode>(), 0u);
  rig.element.reset();
  rig.context->dispatch();
  EXPECT_EQ(rig.context.record->count<render::ReleaseNode>(), 1u);
}

TEST(MediaElement, LoadsNothingBeforeItIsPlayedIfItIsToldSo) {
  const MediaFile file("preload.wav", writeSound(kFloatWav, 48000, 1, numberedSamples(48'000, 1)));
  Rig rig;
  rig.element->setPreload("none");
  rig.element->setSrc(file.path());
  ASSERT_TRUE(rig.told("suspend"));
  EXPECT_EQ(rig.events, (Events{"loadstart", "suspend"}));
  EXPECT_EQ(rig.element->readyState(), media::ReadyState::nothing);
  rig.take();
  rig.element->play();
  ASSERT_TRUE(rig.told("playing"));
  Rig automatic(file.path());
  automatic.element->setAutoplay(true);
  automatic.take();
  ASSERT_TRUE(automatic.told("playing"));
}

TEST(MediaElement, SaysWhichTypesItPlays) {
  EXPECT_EQ(MediaElement::canPlayType("audio/mpeg"), "probably");
  EXPECT_EQ(MediaElement::canPlayType("audio/wav"), "maybe");
  EXPECT_EQ(MediaElement::canPlayType("audio/ogg; codecs=\"vorbis\""), "probably");
  EXPECT_EQ(MediaElement::canPlayType("audio/mp4; codecs=\"mp4a.40.2\""), "probably");
  EXPECT_EQ(MediaElement::canPlayType("audio/webm; codecs=\"vorbis, theora\""), "");
  EXPECT_EQ(MediaElement::canPlayType("application/octet-stream"), "");
  EXPECT_EQ(MediaElement::canPlayType("audio/nonsense"), "");
  EXPECT_EQ(MediaElement::canPlayType(""), "");
}

}  // namespace
}  // namespace backline
