/** What a crowd's run shows of itself, in words, in lines of its report and in its figures: the same for speakers and phones. */
import type { RunRecorder } from '#sim/report/run-recorder';
import type { CrowdPeople } from './crowd-people.ts';
import type { OwnCost } from './own-cost.ts';

/** Of fewer members what each holds is lost in what V8 keeps for all. */
export const EACH_TOLD_FROM = 1_000;

export function describeCost({ rssMb, rssKbEach, cpuPart, loopDelayMs }: OwnCost, members: number): string {
  const each = members < EACH_TOLD_FROM ? '' : `, ${rssKbEach.toFixed(1)} kB each`;
  const cpu = `${(cpuPart * 100).toFixed(0)} % of a core`;
  const loop = `event loop late by ${loopDelayMs.p99.toFixed(1)} ms (p99), ${loopDelayMs.max.toFixed(1)} ms at most`;
  return `${rssMb.toFixed(0)} MB${each}; ${cpu}; ${loop}`;
}

export function recordCost(recorder: RunRecorder, { rssMb, cpuPart, loopDelayMs }: OwnCost): void {
  recorder.sample('memory', 'simulator', 'resident', 'MB', rssMb);
  recorder.sample('processor', 'simulator', 'of one core', '%', cpuPart * 100);
  recorder.sample('event loop', 'simulator', 'late, p99', 'ms', loopDelayMs.p99);
  recorder.sample('event loop', 'simulator', 'late, most', 'ms', loopDelayMs.max);
}

export function recordPeople(recorder: RunRecorder, people: CrowdPeople): void {
  const { p50, p99 } = people.tookMs();
  recorder.sample('sockets', null, 'phones connected', '', people.up);
  recorder.sample('commands', null, 'asked, all so far', '', people.asked);
  recorder.sample('commands', null, 'refused, all so far', '', people.refused);
  recorder.sample('latency', null, 'p50', 'ms', p50);
  recorder.sample('latency', null, 'p99', 'ms', p99);
}

/** Also into the report's figures. */
export function describePeople(people: CrowdPeople, recorder: RunRecorder, print: (line: string) => void): void {
  const { p50, p99, max } = people.tookMs();
  const figures: readonly (readonly [string, number, string])[] = [
    ['commands asked', people.asked, ''],
    ['commands accepted', people.accepted, ''],
    ['commands refused', people.refused, ''],
    ['commands unanswered', people.unanswered, ''],
    ['commands lost with their socket', people.lost, ''],
    ['phones lost', people.linksLost, ''],
    ['command to answer, p50', p50, 'ms'],
    ['command to answer, p99', p99, 'ms'],
    ['command to answer, longest', max, 'ms'],
  ];
  for (const [name, value, unit] of figures) {
    if (!Number.isFinite(value)) continue;
    recorder.figure(name, value, unit);
    print(`${name}: ${unit === '' ? value : `${value.toFixed(2)} ${unit}`}`);
  }
  for (const { reason, count } of people.refusals.list()) print(`  refused ${count} times: ${reason}`);
  for (const { reason, count } of people.losses.list()) print(`  phone without a socket ${count} times: ${reason}`);
}
