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
  clock @7 :Text;           # devices that say the same here run from one clock; empty: its own
}

struct OutputConfig {
  device @0 :Text;          # empty: the default; "virtual", "stepped", or a DeviceInfo.id; "none": paced by the clock, in no list, heard
                            # nowhere, not in the tap
  sampleRate @1 :Float32;   # Hz, of the session; 0: the device's
  channels @2 :UInt32;      # of the session's ring
  quantum @3 :UInt32;       # frames; 0: the session will take the device's callbackFrames
  latency @4 :Float64;      # seconds, the target; 0: the least the device can do
  ringFrames @5 :UInt32;    # the ring holds as many at least: what a session that moves has ready in another
}

interface AudioServer {
  # Served by backline-audio, called by the program.

  listDevices @0 () -> (devices :List(DeviceInfo), backends :List(BackendInfo));
  # Every output and input of every backend that answers, and the two that are always there.

  describeOutput @1 (device :Text) -> (device :DeviceInfo);
  # What openOutput would open, without opening it. Fails with the names that exist if there is no such device.

  openOutput @2 (config :OutputConfig, refill :Descriptor, page :Descriptor) -> (output :Output, device :DeviceInfo, sampleRate :Float32,
      ring :Descriptor, refill :Descriptor, page :Descriptor,
      callbackFrames :UInt32, deviceLatency :Float64);
  # Opens the device if it is not open, and gives the session its ring (RingStream, the session's rate), the eventfd that is
  # signalled when the ring wants filling, and the page of OutputStatus (src/ipc/pages.h).
  # callbackFrames: how many session frames the device takes at once at most. deviceLatency: seconds behind the ring: from the callback
  # that takes a frame to the ear. Where a device may choose, it keeps half of the latency, so that what the ring needs is the other half.
  # A session that moves brings the refill and the page of the output that it leaves, both or none: they are used on, and the figures
  # go on from what the page says. They are left to that output until something writes into the new ring.

  startTap @3 (path :Text, frames :UInt64, goOn :Bool) -> ();
  # Writes what goes to the default output from its first session's first frame on, before clipping, as a float32 WAV;
  # stops after `frames` frames (0: at the end). Fails if the file cannot be written. goOn: the file is what a server that has died has
  # left; its last frame fades, and what is played from now on stands after it.

  finishTap @4 () -> (frames :UInt64, dropped :UInt64);
  # Ends the tap, once it has the frames it was limited to or nothing plays that could give them, and waits for it to be on disk,
  # closed. frames: in the file; dropped: for which the disk was too slow. Fails, once, if the disk failed; what was written until
  # then is readable.

  openCapture @5 (config :CaptureConfig, ring :Descriptor, written :Descriptor, page :Descriptor) -> (capture :Capture, device :DeviceInfo, sampleRate :Float32, channels :UInt32,
      ring :Descriptor, written :Descriptor, page :Descriptor, latency :Float64);
  # Opens the input device if it is not open, and gives the caller a ring of its own (RingStream, the device's rate): every frame that
  # the device delivers from now on, once, with a TimelineMark a callback, about the callback's first frame: frame, its place in the ring's
  # stream, which has no holes; the device's own count; the CLOCK_MONOTONIC instant of the sound itself, which is the callback's less the
  # latency; a generation that grows at every gap. In one generation the device's count and frame differ by a constant.
  # written: the eventfd that is signalled at every callback. page: CaptureStatus (src/ipc/pages.h). latency: seconds from the sound
  # to the ring. Up to 64 captures of one device stand side by side.
  # The virtual outputs are inputs too: their id captures what they play, after the mix, and opens them if nothing plays. Such a sound is
  # captured before it is heard: its latency is minus the output's, and its instant is the callback's plus OutputStatus.latency.
  # Whoever goes on with a capture whose server has died brings its ring, written and page, all or none: they are used on, in another
  # generation, with what was lost meanwhile counted by the clock. Fails if the device's rate is not the ring's any more.
  # Fails, naming the devices that exist, if there is no such input; without a name, if the system has none.

  watchDevices @6 (listener :DeviceListener) -> (watch :DeviceWatch);
  # Tells the listener whenever a device comes or goes or a default changes, until `watch` is dropped: never the same list twice, and the
  # next one only when the listener has answered.

  struct BackendInfo {
    name @0 :Text;
    available @1 :Bool;
    detail @2 :Text;        # why not, or what answers
  }
}

interface Output {
  # One session's place in the mix. Dropping the capability closes it, fading from the last played frame.

  close @0 () -> ();
  # Once answered, no frame of the ring is taken any more and nothing is published: what was not consumed was not heard; and the fade is
  # over, so that what begins elsewhere then stands after it in the tap.

  resetLatency @1 () -> ();
  # Begins the latency figures of OutputStatus anew; answered when the page shows it.

  lost @2 () -> (reason :Text);
  # Answered when the device has gone, with OutputStatus.deviceAlive 0: the ring is read no more, and this output is good for being left only.
}

struct CaptureConfig {
  device @0 :Text;           # empty: the default input; "virtual", "stepped", or the DeviceInfo.id of an input
  channels @1 :UInt32;       # 0: the device's
  capacityFrames @2 :UInt32; # of the ring; 0: half a second; rounded up to a power of two and to what one callback delivers
  overflow @3 :Overflow;     # what happens to frames that a full ring has no room for

  enum Overflow {
    refuse @0;               # the new ones are lost, and counted; a stepped device waits instead
    dropOldest @1;           # the reader finds the newest
  }
}

interface Capture {
  # One reader of an input device. Dropping the capability ends its stream: WriterState ended, and nothing more is written.

  close @0 () -> ();
}

interface DeviceListener {
  # Served by the program, called by backline-audio.

  devicesChanged @0 (devices :List(DeviceInfo)) -> ();
  # The whole list as it is now.
}

interface DeviceWatch {
  # Dropping the capability ends the watch.
}

struct SessionConfig {
  sampleRate @0 :Float32;
  channels @1 :UInt32;          # of the output ring
  quantum @2 :UInt32;
  callbackFrames @3 :UInt32;    # what the device takes at once
  latency @4 :Float64;          # seconds, the target from graph to ear; 0: the least
  deviceLatency @5 :Float64;    # seconds of it that lie behind the ring
  firstFrame @6 :UInt64;        # the context frame that the session begins with: not 0 where it goes on for a host that has gone
}

interface RenderHost {
  # Served by backline-render, called by the program.

  createSession @0 (config :SessionConfig,
      commands :Descriptor, commandNotify :Descriptor,    # BlockStream program → host, its eventfd
      notices :Descriptor, noticeNotify :Descriptor,      # BlockStream host → program, its eventfd
      timing :Descriptor,                                 # page of SessionStatus (src/ipc/pages.h), written by the host
      ring :Descriptor, refill :Descriptor,               # RingStream host → audio server, its eventfd
      costs :Descriptor,                                  # page of SessionCosts, written by the host
      output :Descriptor,                                 # page of OutputStatus, read by the host: how late it was woken
      blackBox :Descriptor)                               # BlackBox (docs/formats/pages.md), written by the host: which processor runs
      -> (session :RenderSession, priority :Int32);
  # priority: the render thread's under SCHED_FIFO, 0 if it is an ordinary one.

  describe @1 () -> (pid :Int32, runtime :Text);          # "node 20.20.2", or "native"

  shareMemory @2 (heap :Descriptor, ownHeap :Descriptor, toPeer :Descriptor, fromPeer :Descriptor,
      bell :Descriptor, ownBell :Descriptor) -> ();
  # What the SharedArrayBuffers that pass between program and worklets lie in (docs/formats/shared-heap.md): the program's heap, one for the
  # host to cut, a BlockStream of notes from the program (toPeer) and one to it, and the eventfds that wake the program and the host. Once, before the first session. A host without
  # worklets leaves it.

  inspect @3 (socket :Descriptor) -> ();
  # Debuggers look into the host's worklets over this end of a stream socket (docs/formats/inspector.md). Once, before the first session. Fails if
  # they cannot; a host without worklets leaves it.
}

interface RenderSession {
  # Dropping the capability destroys the session.

  bindBuffer @0 (id :UInt32, channels :UInt32, length :UInt64, sampleRate :Float32, memory :Descriptor) -> ();
  # A snapshot of an AudioBuffer: planar float32, channels × length, in sealed shared memory. Answered when it is bound: only then may a
  # command name `id`.

  bindStream @1 (id :UInt32, kind :UInt32, memory :Descriptor, answers :Descriptor, notify :Descriptor, ownClock :Bool) -> ();
  # The session's end of a stream, by kind (render/resource.h): inputStream, a RingStream it reads; outputStream, one it writes; meter, a
  # Page it writes; exchange, a BlockStream of requests it writes (memory) and one of answers it reads (answers). notify: the eventfd
  # that tells the other end (none: it polls). ownClock: the stream's frames do not keep step with the session's. Answered when it is
  # bound: only then may a command name `id`. Fails, naming what is wrong, if a segment is not what the kind says.

  setOutput @2 (ring :Descriptor, callbackFrames :UInt32, deviceLatency :Float64) -> ();
  # Another ring, from between two quanta on, at the same refill and page, beginning with what is unread in the one before. Whoever read
  # that must have let go of it. Answered when the render thread has taken it. Fails, and changes nothing, if it is not a ring of the
  # session's format that holds as much as the one before, or if another such call is under way.
}
