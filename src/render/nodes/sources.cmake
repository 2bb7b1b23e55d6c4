# Relative to src/render.
set(BACKLINE_NODE_SOURCES
  block.cc
  node.cc
  nodes/analyser.cc
  nodes/audio_buffer_source.cc
  nodes/buffer_player.cc
  nodes/constant_source.cc
  nodes/convolver.cc
  nodes/destination.cc
  nodes/dynamics_compressor.cc
  nodes/gain.cc
  nodes/impulse_response.cc
  nodes/list.cc
  nodes/oscillator.cc
  nodes/scheduling.cc)
