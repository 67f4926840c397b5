/** What else is wrong with a machine: a calendar that steps, a loudspeaker that goes away, music that does not come. */
import type { World } from '#sim/world/world';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';
import { speakerNamed, speakerNames } from './processes.ts';

const HOUR_MS = 3_600_000;
const YEAR_2038_MS = Date.UTC(2038, 0, 19, 3, 14, 8);
/** By how much a calendar steps, from what it is. */
const STEPS: readonly ((wallMs: number) => number)[] = [
  () => HOUR_MS,
  () => -24 * HOUR_MS,
  (wallMs) => -wallMs,
  (wallMs) => YEAR_2038_MS - wallMs,
];
/** Cheap oscillators are within this, in parts per million; the worst of televisions are not. */
const DRIFT_PPM = { least: -500, most: 500 } as const;

const calendarSteps: FaultKind = {
  name: 'calendar-steps',
  targets: (world) => ['bridge', ...speakerNames(world)],
  begin: (world, target, random) => {
    const calendar = target === 'bridge' ? world.bridge.calendar : speakerNamed(world, target)?.calendar;
    if (calendar === undefined) return NOTHING_TO_MEND;
    calendar.offsetMs = random.pick(STEPS)(world.clock.wallMs());
    world.timeline.note(target, `has its calendar step by ${calendar.offsetMs} ms`);
    return once(() => {
      calendar.offsetMs = 0;
      world.timeline.note(target, 'has its calendar right again');
    });
  },
};

const loudspeakerUnplugged: FaultKind = {
  name: 'loudspeaker-unplugged',
  targets: whereSoundIsReal,
  begin: (world, target) => {
    const sink = speakerNamed(world, target)?.sink() ?? null;
    if (sink === null) return NOTHING_TO_MEND;
    world.timeline.note(target, 'has its loudspeaker unplugged');
    sink.isAbsent = true;
    sink.lose();
    return once(() => {
      sink.isAbsent = false;
    });
  },
};

const loudspeakerReclocked: FaultKind = {
  name: 'loudspeaker-reclocked',
  targets: whereSoundIsReal,
  begin: (world, target, random) => {
    const sink = speakerNamed(world, target)?.sink() ?? null;
    if (sink === null) return NOTHING_TO_MEND;
    const driftPpm = random.between(DRIFT_PPM.least, DRIFT_PPM.most);
    world.timeline.note(target, `has its loudspeaker run ${driftPpm} ppm off`);
    sink.reclock(driftPpm);
    return once(() => sink.reclock(0));
  },
};

const musicStarved: FaultKind = {
  name: 'music-starved',
  targets: (world) => speakerNames(world).filter((name) => speakerNamed(world, name)?.soundIs === 'modelled'),
  begin: (world, target) => {
    const speaker = speakerNamed(world, target);
    if (speaker === undefined || speaker.view() === null) return NOTHING_TO_MEND;
    world.timeline.note(target, 'is given no more music');
    speaker.starve();
    return once(() => speaker.feed());
  },
};

export const MACHINE_FAULTS: readonly FaultKind[] = [
  calendarSteps,
  loudspeakerUnplugged,
  loudspeakerReclocked,
  musicStarved,
];

function whereSoundIsReal(world: World): readonly string[] {
  return speakerNames(world).filter((name) => speakerNamed(world, name)?.soundIs === 'real');
}
