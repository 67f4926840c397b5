/** A replay as a run's report: its story, and lines for buffer, throughput, place in the track and commands over time. */
import type { Clock } from '#protocol/ports/clock';
import { FRAMES_PER_SECOND, us } from '#protocol/vocabulary/units';
import type { FlightEntry, FlightRecord } from '#protocol/wire/flight-record';
import { RunRecorder } from '#sim/report/run-recorder';
import type { RunReport } from '#sim/report/run-report';
import type { ReplayOutcome } from './replay.ts';
import { storyOf } from './replay-story.ts';

const US_PER_S = 1_000_000;
const MS_PER_S = 1_000;

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

/** @param file as it was named on the command line */
export function replayReport(
  record: FlightRecord,
  outcome: ReplayOutcome,
  { file, until }: { readonly file: string; readonly until: number | null },
): RunReport {
  const clock = new SetClock();
  const isAsThen = outcome.divergences.length === 0 && outcome.problems.length === 0;
  const run = new RunRecorder(clock, {
    kind: 'replay',
    title: `A recorded ${outcome.role}, replayed`,
    startedAt: null,
    parameters: { FILE: file, until: until ?? false },
  });
  const lines = new ReplayLines(run, outcome.role);
  const untilUs = outcome.seconds * US_PER_S;
  for (const entry of record.entries) {
    if (entry.t > untilUs) break;
    clock.set(entry.t);
    lines.add(entry);
  }
  for (const event of storyOf(record, outcome)) {
    clock.set(event.at * US_PER_S);
    run.note(event);
  }
  clock.set(untilUs);
  run.figure('came in', record.entries.filter(({ t }) => t <= untilUs).length, '');
  run.figure('decided then', outcome.then.length, '');
  run.figure('decided today', outcome.now.length, '');
  run.figure('decided otherwise', outcome.divergences.length, '');
  run.figure('promises broken', outcome.problems.length, '');
  return run.report(isAsThen ? 'passed' : 'failed');
}

/** Time as the walk through the record has it. */
class SetClock implements Clock {
  #nowUs = 0;

  set(nowUs: number): void {
    this.#nowUs = nowUs;
  }

  nowUs(): ReturnType<Clock['nowUs']> {
    return us(Math.round(this.#nowUs));
  }

  wallMs(): number {
    return 0;
  }

  setTimer(name: string): ReturnType<Clock['setTimer']> {
    return { name, cancel: () => undefined };
  }
}

class ReplayLines {
  readonly #run: RunRecorder;
  readonly #who: string;
  #commands = 0;
  #links = 0;

  constructor(run: RunRecorder, who: string) {
    this.#run = run;
    this.#who = who;
  }

  add({ port, event }: FlightEntry): void {
    if (port === 'engine' && event.kind === 'said') this.#sound(event.event);
    if (port === 'fetch') this.#sample('fetch', 's', event.tookUs / US_PER_S);
    if (port === 'sink' && event.kind === 'reported') this.#sample('delay', 's', event.delayFrames / FRAMES_PER_SECOND);
    if (port === 'household' && event.kind === 'asked') this.#count();
    if (port !== 'link') return;
    if (event.kind === 'accepted') this.#open(1);
    if (event.kind === 'closed') this.#open(-1);
    if (event.kind === 'received' && event.message.kind === 'command') this.#count();
    if (event.kind === 'received') this.#place(event.message);
  }

  #sound(event: Message): void {
    if (event.kind === 'position' && typeof event['positionFrames'] === 'number') {
      this.#sample('position', 's', event['positionFrames'] / FRAMES_PER_SECOND);
    }
    if (event.kind !== 'health') return;
    const { bufferedMs, underruns, delivery } = event;
    if (typeof bufferedMs === 'number') this.#sample('buffer', 's', bufferedMs / MS_PER_S);
    if (typeof underruns === 'number') this.#sample('underruns', '', underruns);
    if (typeof delivery !== 'object' || delivery === null) return;
    if ('throughputKbps' in delivery && typeof delivery.throughputKbps === 'number') {
      this.#sample('throughput', 'kbit/s', delivery.throughputKbps);
    }
    if ('qualityKbps' in delivery && typeof delivery.qualityKbps === 'number') {
      this.#sample('quality', 'kbit/s', delivery.qualityKbps);
    }
  }

  /** As a speaker told its bridge. */
  #place({ session }: Message): void {
    if (typeof session !== 'object' || session === null || !('playback' in session)) return;
    const { playback } = session;
    if (typeof playback !== 'object' || playback === null || !('positionFrames' in playback)) return;
    this.#sample('position', 's', Number(playback.positionFrames) / FRAMES_PER_SECOND);
  }

  #count(): void {
    this.#commands += 1;
    this.#sample('commands', '', this.#commands);
  }

  #open(by: number): void {
    this.#links = Math.max(0, this.#links + by);
    this.#sample('sockets', '', this.#links);
  }

  #sample(chart: string, unit: string, value: number): void {
    this.#run.sample(chart, this.#who, chart, unit, value);
  }
}
