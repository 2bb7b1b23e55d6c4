// Numbers that a seed decides: the same in every JavaScript engine.

/** A source of random numbers (mulberry32): integer arithmetic, and a division by a power of two, only. */
export class Dice {
  #state;

  constructor(seed) { this.#state = seed >>> 0; }

  /** In [0, 1), a multiple of 2^-32. */
  unit() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  }

  /** In [low, high], rounded to 2^-16 of the span, so that descriptions stay readable. */
  range(low, high) { return low + (high - low) * Math.round(this.unit() * 0x10000) / 0x10000; }

  /** A whole number in [low, high]. */
  whole(low, high) { return low + Math.floor(this.unit() * (high - low + 1)); }

  chance(probability) { return this.unit() < probability; }

  pick(list) { return list[Math.floor(this.unit() * list.length)]; }
}
