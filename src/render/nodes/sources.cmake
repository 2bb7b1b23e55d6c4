# Relative to src/render.
set(BACKLINE_NODE_SOURCES
  block.cc
  node.cc
  nodes/analyser.cc
  nodes/audio_buffer_source.cc
  nodes/buffer_player.cc
  nodes/constant_source.cc
  nodes/destination.cc
  nodes/gain.cc
  nodes/list.cc
  nodes/media_stream_cushion.cc
  nodes/media_stream_destination.cc
  nodes/media_stream_intake.cc
  nodes/media_stream_source.cc
  nodes/oscillator.cc
  nodes/scheduling.cc)
