// The line that moves at the foot of a terminal while something plays.

const kBars = 9;
const kFloorDecibels = -60;
const kFallPerShow = 0.8;  // of a meter's amplitude, when the sound is softer

const decibels = (amplitude) => 20 * Math.log10(amplitude);

function meter(amplitude) {
  const level = decibels(amplitude);
  const full = Math.max(0, Math.min(kBars, Math.round((1 - level / kFloorDecibels) * kBars)));
  const text = level < kFloorDecibels ? '-inf' : level.toFixed(1);
  return `${'█'.repeat(full)}${'░'.repeat(kBars - full)}${text.padStart(6)} dB`;
}

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, '0')}`;
}

const kPlaces = 12;

/** How far a sound file is: its sign, the time, a bar. */
function progress({ at, duration, paused, volume }) {
  const known = Number.isFinite(duration) && duration > 0;
  const full = known ? Math.min(kPlaces, Math.round(at / duration * kPlaces)) : 0;
  const time = known ? `${clock(at)} / ${clock(duration)}` : clock(at);
  return `${paused ? '⏸' : '▶'} ${time} ${'━'.repeat(full)}${'─'.repeat(kPlaces - full)}${volume < 1 ? ` ${Math.round(volume * 100)} %` : ''}`;
}

/** Redraws itself at the foot of a terminal; what the program prints meanwhile goes above it. */
export class LiveLine {
  constructor(stream) {
    this.stream = stream;
    this.levels = [];
    this.write = stream.write.bind(stream);
    this.shown = false;
    this.streams = [process.stdout, process.stderr].filter((each) => each.isTTY);
    for (const each of this.streams) {
      const write = each.write.bind(each);
      each.write = (...args) => {
        this.clear();
        return write(...args);
      };
    }
  }

  clear() {
    if (this.shown) this.write('\r\x1b[2K');
    this.shown = false;
  }

  show({ peak, seconds, underruns, position }) {
    this.levels = Array.from(peak, (level, c) => Math.max(level, (this.levels[c] ?? 0) * kFallPerShow));
    const meters = this.levels.map(meter).join('  '), missed = `${underruns} underrun${underruns === 1 ? '' : 's'}`;
    const text = (position ? [progress(position), meters, ...(underruns ? [missed] : [])] : [meters, clock(seconds), missed, 'Ctrl-C to stop'])
      .join(' · ');
    this.clear();
    this.write(text.slice(0, Math.max(20, (this.stream.columns || 80) - 1)));
    this.shown = true;
  }

  close() {
    this.clear();
    for (const each of this.streams) delete each.write;
  }
}
