// The line at the foot of a terminal while something is recorded: its levels, how long it is, how large, how long the disk lasts.

const kBars = 9;
const kFloorDecibels = -60;
const kFallPerShow = 0.7;   // of a meter's amplitude, when the sound is softer
const kMostMeters = 4;      // more channels than these share one line without bars

/** Level of an amplitude in dB of full scale, as text. */
export function decibels(amplitude) {
  return amplitude > 0 ? (20 * Math.log10(amplitude)).toFixed(1) : '-inf';
}

/** 75.25 → "1:15.2", 3675 → "1:01:15.0" */
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return '∞';
  const tenths = Math.floor(seconds * 10);
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60];
  const rest = `${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Bytes for people. */
export function sizeText(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return power ? `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}` : `${bytes} bytes`;
}

function meter(amplitude, bars) {
  const level = 20 * Math.log10(amplitude);
  const full = Math.max(0, Math.min(kBars, Math.round((1 - level / kFloorDecibels) * kBars)));
  const over = amplitude >= 1 ? '!' : ' ';
  return `${bars ? '█'.repeat(full) + '░'.repeat(kBars - full) : ''}${decibels(amplitude).padStart(6)}${over}`;
}

/** Text of the line. `levels`: amplitudes, one a channel. */
export function recordText({ paused, seconds, bytes, gaps, left, levels }) {
  const meters = levels.map((level) => meter(level, levels.length <= kMostMeters)).join(' ');
  return [
    `${paused ? '⏸ paused' : '●'} ${clock(seconds)}`, `${meters}dB`, sizeText(bytes), ...(left === undefined ? [] : [`disk for ${clock(left).replace(/\.\d$/, '')}`]),
    ...(gaps ? [`${gaps} gap${gaps === 1 ? '' : 's'}`] : []),
  ].join(' · ');
}

/** Redraws itself; what is printed meanwhile goes above it. */
export class RecordLine {
  #stream;
  #write;
  #levels = [];
  #shown = false;
  #streams = [process.stdout, process.stderr].filter((each) => each.isTTY);

  constructor(stream) {
    this.#stream = stream;
    this.#write = stream.write.bind(stream);
    for (const each of this.#streams) {
      const write = each.write.bind(each);
      each.write = (...args) => {
        this.#clear();
        return write(...args);
      };
    }
  }

  #clear() {
    if (this.#shown) this.#write('\r\x1b[2K');
    this.#shown = false;
  }

  show(state) {
    this.#levels = state.levels.map((level, c) => Math.max(level, (this.#levels[c] ?? 0) * kFallPerShow));
    const text = recordText({ ...state, levels: this.#levels });
    this.#clear();
    this.#write(text.slice(0, Math.max(20, (this.#stream.columns || 80) - 1)));
    this.#shown = true;
  }

  close() {
    this.#clear();
    for (const each of this.#streams) delete each.write;
  }
}
