;; A synthesizer of eight voices, with a memory of its own. Page 0: at 0 the voices, 16 bytes each: f32 phase 0 … 1, f32 step, f32 level, f32 wanted
;; level; at 1024 the block that render() leaves, f32 frames.
(module
  (memory (export "memory") 1)
  (global $block (export "block") i32 (i32.const 1024))

  ;; note(voice 0 … 7, cycles a frame, level): level 0 lets it go.
  (func (export "note") (param $voice i32) (param $step f32) (param $level f32)
    (local $at i32)
    (local.set $at (i32.mul (i32.and (local.get $voice) (i32.const 7)) (i32.const 16)))
    (if (f32.gt (local.get $level) (f32.const 0)) (then (f32.store offset=4 (local.get $at) (local.get $step))))
    (f32.store offset=12 (local.get $at) (local.get $level)))

  ;; render(frames): the sum of the voices. Each is a triangle whose level glides to the wanted one.
  (func (export "render") (param $frames i32)
    (local $at i32) (local $out i32) (local $end i32) (local $phase f32) (local $level f32)
    (memory.fill (global.get $block) (i32.const 0) (i32.mul (local.get $frames) (i32.const 4)))
    (local.set $end (i32.add (global.get $block) (i32.mul (local.get $frames) (i32.const 4))))
    (loop $voices
      (local.set $phase (f32.load (local.get $at)))
      (local.set $level (f32.load offset=8 (local.get $at)))
      (local.set $out (global.get $block))
      (loop $frame
        (local.set $level (f32.add (local.get $level)
          (f32.mul (f32.sub (f32.load offset=12 (local.get $at)) (local.get $level)) (f32.const 0.002))))
        (local.set $phase (f32.add (local.get $phase) (f32.load offset=4 (local.get $at))))
        (local.set $phase (f32.sub (local.get $phase) (f32.floor (local.get $phase))))
        ;; 4 |phase − 0.5| − 1
        (f32.store (local.get $out) (f32.add (f32.load (local.get $out)) (f32.mul (local.get $level)
          (f32.sub (f32.mul (f32.abs (f32.sub (local.get $phase) (f32.const 0.5))) (f32.const 4)) (f32.const 1)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br_if $frame (i32.lt_u (local.get $out) (local.get $end))))
      (f32.store (local.get $at) (local.get $phase))
      (f32.store offset=8 (local.get $at) (local.get $level))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $voices (i32.lt_u (local.get $at) (i32.const 128))))))
