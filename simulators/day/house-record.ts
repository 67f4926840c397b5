/** Writes down a household while it is watched: what its phones are told, what its bridge counts, what its processes hold. */
import type { HouseholdSnapshot, SpeakerView } from '#protocol/wire/household';
import { printable } from '#sim/household/household-screen';
import type { RunRecorder } from '#sim/report/run-recorder';
import type { HouseFigures } from './house-figures.ts';

const MS_PER_S = 1_000;
const BITS_PER_BYTE = 8;
const BITS_PER_KBIT = 1_000;

interface Seen {
  readonly isOnline: boolean;
  readonly underruns: number;
}

export class HouseRecord {
  readonly #recorder: RunRecorder;
  readonly #seen = new Map<string, Seen>();
  /** What was heard last, by person. */
  readonly #titles = new Map<string, string>();
  #counted: { readonly at: number; readonly contentBytes: number } | null = null;
  #tookMs: number[] = [];
  #positionErrorMsMax = 0;
  #problems = 0;

  constructor(recorder: RunRecorder) {
    this.#recorder = recorder;
  }

  get problems(): number {
    return this.#problems;
  }

  problem(who: string, what: string): void {
    this.#problems += 1;
    this.#recorder.note({ who, what, kind: 'problem' });
  }

  /** Something was asked for, and answered. */
  command(who: string, what: string, tookMs: number): void {
    this.#recorder.note({ who, what, kind: 'command' });
    this.#tookMs.push(tookMs);
    this.#recorder.sample('commands', who, 'answered after', 'ms', tookMs);
  }

  positionError(who: string, errorMs: number): void {
    this.#positionErrorMsMax = Math.max(this.#positionErrorMsMax, errorMs);
    this.#recorder.sample('position error', who, 'position error', 'ms', errorMs);
  }

  /** Speakers are the same for all who look; one of them is enough. */
  speakers(speakers: readonly SpeakerView[]): void {
    for (const speaker of speakers) this.#speaker(speaker);
    const online = speakers.filter(({ isOnline }) => isOnline).length;
    this.#recorder.sample('speakers', null, 'connected', '', online);
  }

  session(who: string, { session, speakers }: HouseholdSnapshot): void {
    const room = speakers.find(({ id }) => id === session.activeSpeakerId)?.name;
    const title = session.playback === 'playing' && session.track !== null ? printable(session.track.title) : '';
    if (title === this.#titles.get(who) || title === '' || room === undefined) return;
    this.#titles.set(who, title);
    this.#recorder.note({ who: room, what: `♪ ${title} (${who})`, kind: 'log' });
  }

  figures({ sockets, contentBytes }: HouseFigures): void {
    for (const [kind, count] of sockets) this.#recorder.sample('sockets', null, kind, '', count);
    const at = this.#recorder.at;
    if (this.#counted !== null && at > this.#counted.at && contentBytes >= this.#counted.contentBytes) {
      const bits = (contentBytes - this.#counted.contentBytes) * BITS_PER_BYTE;
      const kbps = bits / BITS_PER_KBIT / (at - this.#counted.at);
      this.#recorder.sample('throughput', null, 'throughput', 'kbit/s', kbps);
    }
    this.#counted = { at, contentBytes };
  }

  memory(who: string, megabytes: number): void {
    this.#recorder.sample('memory', who, 'memory', 'MB', megabytes);
  }

  /** Tells the recorder the figures of the whole. */
  sumUp(): void {
    const sorted = this.#tookMs.toSorted((left, right) => left - right);
    const median = sorted[Math.floor(sorted.length / 2)];
    this.#recorder.figure('commands', sorted.length, '');
    this.#recorder.figure('problems', this.#problems, '');
    if (median !== undefined) this.#recorder.figure('answered after, median', Math.round(median), 'ms');
    const slowest = sorted.at(-1);
    if (slowest !== undefined) this.#recorder.figure('slowest answer', Math.round(slowest), 'ms');
    this.#recorder.figure('largest position error', Math.round(this.#positionErrorMsMax), 'ms');
    const underruns = [...this.#seen.values()].reduce((sum, seen) => sum + seen.underruns, 0);
    this.#recorder.figure('underruns', underruns, '');
  }

  #speaker({ id, name, isOnline, status }: SpeakerView): void {
    const before = this.#seen.get(id);
    const underruns = status?.underruns ?? before?.underruns ?? 0;
    this.#seen.set(id, { isOnline, underruns });
    if (before?.isOnline === true && !isOnline) this.#recorder.note({ who: name, what: 'is away', kind: 'fault' });
    if (before?.isOnline === false && isOnline) this.#recorder.note({ who: name, what: 'is away', kind: 'mended' });
    // No problem of the house by itself: on a machine that is too busy for so many processes it is to be expected.
    if (before !== undefined && underruns > before.underruns) {
      this.#recorder.note({ who: name, what: 'had no sound when it was needed', kind: 'log' });
    }
    if (status === null) return;
    this.#recorder.sample('underruns', name, 'underruns', '', status.underruns);
    this.#recorder.sample('buffer', name, 'buffer', 's', status.bufferedMs / MS_PER_S);
    this.#recorder.sample('quality', name, 'quality', 'kbit/s', status.qualityKbps ?? 0);
    this.#recorder.sample('volume', name, 'volume', '%', status.volume);
  }
}
