@0xd3c1a7f05b6e2894;

# What a running program shows of itself: one flat message in a page (src/ipc/status_page.h), written by its I/O thread about twice
# a second while it has sessions, read by `backline top`.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("backline::ipc");

struct ProgramStatus {
  pid @0 :Int32;
  name @1 :Text;
  started @2 :Int64;            # CLOCK_REALTIME nanoseconds of the first session
  published @3 :Int64;          # CLOCK_MONOTONIC nanoseconds
  audioPid @4 :Int32;           # 0: not running
  renderPid @5 :Int32;
  renderPriority @6 :Int32;     # SCHED_FIFO; 0: an ordinary thread
  sessions @7 :List(SessionReport);
  omitted @8 :UInt32;           # sessions that there was no room for
}

struct SessionReport {
  id @0 :UInt64;
  device @1 :Text;              # for people
  backend @2 :Text;
  sampleRate @3 :Float32;       # Hz
  quantum @4 :UInt32;           # frames
  state @5 :State;
  frame @6 :UInt64;             # context frame
  costAverage @7 :Float32;      # seconds a quantum
  costWorst @8 :Float32;        # … of the last one to two seconds of sound
  ringFill @9 :UInt32;          # frames
  ringTarget @10 :UInt32;
  underruns @11 :UInt64;
  underrunFrames @12 :UInt64;
  latency @13 :Float64;         # seconds from graph to ear
  latenessAverage @14 :Float32; # seconds from the device's callback to the render thread's waking
  latenessWorst @15 :Float32;
  nodes @16 :UInt32;            # that are rendered
  costliest @17 :List(NodeReport);   # costliest first

  enum State {
    suspended @0;
    running @1;
    closed @2;
  }
}

struct NodeReport {
  id @0 :UInt32;
  type @1 :Text;                # the interface; empty: it has gone
  processor @2 :Text;           # of an AudioWorkletNode
  seconds @3 :Float32;          # a quantum
  share @4 :Float32;            # of the session's average cost
}
