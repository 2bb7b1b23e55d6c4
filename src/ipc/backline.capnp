@0xb1f2a96d8a3f4c11;

# The control plane. It only creates and binds what the command and notice rings name; steady state makes no call.
# Every call that can fail answers with an exception whose text names the thing, what is wrong with it and what to do.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("backline::ipc");

interface Descriptor {
  # Carries one file descriptor (the capability's attached fd); has no methods. The receiver duplicates it.
}

struct DeviceInfo {
  id @0 :Text;              # what --device and sinkId take
  name @1 :Text;            # for people
  backend @2 :Text;         # "jack", "pulse", "alsa", "virtual"
  maxChannels @3 :UInt32;
  sampleRate @4 :UInt32;    # Hz, the rate it prefers
  isDefault @5 :Bool;
  input @6 :Bool;
}

struct OutputConfig {
  device @0 :Text;          # empty: the default; "virtual", "stepped", or a DeviceInfo.id
  sampleRate @1 :Float32;   # Hz, of the session; 0: the device's
  channels @2 :UInt32;      # of the session's ring
  quantum @3 :UInt32;       # frames
  latency @4 :Float64;      # seconds, the target; 0: the least the device can do
}

interface AudioServer {
  # Served by backline-audio, called by the program.

  listDevices @0 () -> (devices :List(DeviceInfo), backends :List(BackendInfo));
  # Every output and input of every backend that answers, and the two that are always there.

  describeOutput @1 (device :Text) -> (device :DeviceInfo);
  # What openOutput would open, without opening it. Fails with the names that exist if there is no such device.

  openOutput @2 (config :OutputConfig) -> (output :Output, device :DeviceInfo, sampleRate :Float32,
      ring :Descriptor, refill :Descriptor, page :Descriptor,
      callbackFrames :UInt32, deviceLatency :Float64);
  # Opens the device if it is not open, and gives the session its ring (RingStream, the session's rate), the eventfd that is
  # signalled when the ring wants filling, and the page of OutputStatus (src/ipc/pages.h).
  # callbackFrames: how many session frames the device takes at once at most. deviceLatency: seconds behind the callback.

  startTap @3 (path :Text, frames :UInt64) -> ();
  # Writes what goes to the default output from its first session's first frame on, before clipping, as a float32 WAV;
  # stops after `frames` frames (0: at the end). Fails if the file cannot be written.

  finishTap @4 () -> (frames :UInt64, dropped :UInt64);
  # Ends the tap, once it has the frames it was limited to or nothing plays that could give them, and waits for it to be on disk,
  # closed. frames: in the file; dropped: for which the disk was too slow. Fails, once, if the disk failed; what was written until
  # then is readable.

  struct BackendInfo {
    name @0 :Text;
    available @1 :Bool;
    detail @2 :Text;        # why not, or what answers
  }
}

interface Output {
  # One session's place in the mix. Dropping the capability closes it, fading from the last played frame.

  close @0 () -> ();
}

struct SessionConfig {
  sampleRate @0 :Float32;
  channels @1 :UInt32;          # of the output ring
  quantum @2 :UInt32;
  callbackFrames @3 :UInt32;    # what the device takes at once
  latency @4 :Float64;          # seconds, the target; 0: the least
}

interface RenderHost {
  # Served by backline-render, called by the program.

  createSession @0 (config :SessionConfig,
      commands :Descriptor, commandNotify :Descriptor,    # BlockStream program → host, its eventfd
      notices :Descriptor, noticeNotify :Descriptor,      # BlockStream host → program, its eventfd
      timing :Descriptor,                                 # page of SessionStatus (src/ipc/pages.h), written by the host
      ring :Descriptor, refill :Descriptor)               # RingStream host → audio server, its eventfd
      -> (session :RenderSession, priority :Int32);
  # priority: the render thread's under SCHED_FIFO, 0 if it is an ordinary one.

  describe @1 () -> (pid :Int32, runtime :Text);          # "node 20.20.2", or "native"
}

interface RenderSession {
  # Dropping the capability destroys the session.

  bindBuffer @0 (id :UInt32, channels :UInt32, length :UInt64, sampleRate :Float32, memory :Descriptor) -> ();
  # A snapshot of an AudioBuffer: planar float32, channels × length, in sealed shared memory. Answered when it is bound: only then may a
  # command name `id`.
}
