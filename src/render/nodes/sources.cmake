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
  nodes/oscillator.cc
  nodes/scheduling.cc)
