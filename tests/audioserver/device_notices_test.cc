#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "server_process.h"
#include "sound_server.h"

namespace backline::audioserver {
namespace {

using namespace test;

/// What a program hears of its devices.
struct Heard {
  struct Device {
    std::string id;
    bool isDefault, input;
  };
  int calls = 0;
  std::vector<Device> devices;

  bool has(const std::string& id) const {
    return std::any_of(devices.begin(), devices.end(), [&id](const Device& device) { return device.id == id; });
  }
  std::string defaultOf(bool input, const std::string& backend) const {
    for (const Device& device : devices) {
      if (device.isDefault && device.input == input && device.id.starts_with(backend)) return device.id;
    }
    return "";
  }
};

class Listener final : public ipc::DeviceListener::Server {
 public:
  explicit Listener(Heard& heard) : heard_(heard) {}
  kj::Promise<void> devicesChanged(DevicesChangedContext context) override {
    ++heard_.calls;
    heard_.devices.clear();
    for (const auto device : context.getParams().getDevices()) heard_.devices.push_back({device.getId().cStr(), device.getIsDefault(), device.getInput()});
    return kj::READY_NOW;
  }

 private:
  Heard& heard_;
};

ipc::DeviceWatch::Client watch(ServerProcess& process, Heard& heard) {
  auto request = process.server().watchDevicesRequest();
  request.setListener(kj::heap<Listener>(heard));
  return request.send().wait(process.scope()).getWatch();
}

void wait(ServerProcess& process, int milliseconds) { process.timer().afterDelay(milliseconds * kj::MILLISECONDS).wait(process.scope()); }

/// Until the listener has heard of it; false after long.
template <class Condition>
bool hears(ServerProcess& process, Condition condition) {
  for (int tries = 0; tries < 3000; ++tries) {
    if (condition()) return true;
    wait(process, 10);
  }
  return false;
}

TEST_F(PulseTest, ADeviceThatComesOrGoesIsTold) {
  Heard heard;
  auto watching = watch(*process, heard);
  const std::string module = pulse->control({"load-module", "module-null-sink", "sink_name=plugged", "norewinds=1"});
  EXPECT_TRUE(hears(*process, [&] { return heard.has("pulse:plugged") && heard.has("pulse:plugged.monitor"); })) << heard.calls << " calls";
  EXPECT_TRUE(heard.has("pulse:out")) << "the whole list";
  EXPECT_TRUE(heard.has("virtual"));
  pulse->control({"unload-module", module});
  EXPECT_TRUE(hears(*process, [&] { return !heard.has("pulse:plugged") && !heard.has("pulse:plugged.monitor"); })) << heard.calls << " calls";
}

TEST_F(PulseTest, AnotherDefaultIsToldAndNothingWhereNothingChanged) {
  Heard heard, other;
  auto watching = watch(*process, heard);
  wait(*process, 2500);  // two looks
  EXPECT_EQ(heard.calls, 0);
  pulse->control({"set-default-sink", "wide"});
  EXPECT_TRUE(hears(*process, [&] { return heard.defaultOf(false, "pulse") == "pulse:wide"; })) << heard.calls << " calls";
  auto second = watch(*process, other);
  pulse->control({"set-default-source", "out.monitor"});
  EXPECT_TRUE(hears(*process, [&] { return heard.defaultOf(true, "pulse") == "pulse:out.monitor" && other.calls > 0; })) << heard.calls << " calls";
  EXPECT_EQ(other.defaultOf(true, "pulse"), "pulse:out.monitor");
}

TEST_F(PulseTest, AWatchThatIsDroppedHearsNothingMore) {
  Heard heard, other;
  auto watching = watch(*process, heard);
  {
    auto dropped = watch(*process, other);
  }
  pulse->control({"set-default-sink", "wide"});
  EXPECT_TRUE(hears(*process, [&] { return heard.calls > 0; }));
  EXPECT_EQ(other.calls, 0);
  watching = nullptr;
  wait(*process, 50);
  auto again = watch(*process, other);
  pulse->control({"set-default-sink", "out"});
  EXPECT_TRUE(hears(*process, [&] { return other.defaultOf(false, "pulse") == "pulse:out"; })) << other.calls << " calls";
}

TEST_F(PulseTest, TheDeathOfAServerIsToldAndSurvived) {
  Heard heard;
  auto watching = watch(*process, heard);
  pulse->kill();
  EXPECT_TRUE(hears(*process, [&] { return heard.calls > 0 && !heard.has("pulse:out"); })) << heard.calls << " calls";
  EXPECT_TRUE(heard.has("stepped"));
  EXPECT_EQ(process->hangUp(), 0);
}

TEST_F(JackTest, AServerThatGoesAndOneThatComesAreTold) {
  Heard heard;
  auto watching = watch(*process, heard);
  jack->kill();
  EXPECT_TRUE(hears(*process, [&] { return heard.calls > 0 && !heard.has("jack:playback"); })) << heard.calls << " calls";
  jack.reset();
  jack = std::make_unique<JackServer>();
  EXPECT_TRUE(hears(*process, [&] { return heard.has("jack:playback") && heard.has("jack:capture"); })) << heard.calls << " calls";
  EXPECT_EQ(process->hangUp(), 0);
}

}  // namespace
}  // namespace backline::audioserver
