/**
 * Everything at once: people press buttons while the bridge dies, speakers lose their power and the network comes and
 * goes. No particular outcome is expected of such an evening but what must always hold, and that in the end, when all
 * is well again, everybody agrees and exactly what should sound does.
 */

import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { PhoneRequest } from '#bridge/core/ports/household';
import { ms } from '#protocol/vocabulary/units';
import type { Mend } from '#sim/world/faults/fault-kind';
import { faultKindNamed } from '#sim/world/faults/fault-kinds';
import type { World, WorldOptions } from '#sim/world/world';
import { between, idOf, must, nth, playRequest, sounding, trackIds, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const MODELLED: WorldOptions = { speakers: 3, phones: 2, tracks: tracksOf(20, 7, 90, 33, 50), sound: 'modelled' };
const REAL: WorldOptions = { speakers: 2, phones: 2, tracks: tracksOf(6, 4, 9), sound: 'real', isDiscovered: true };
const REAL_SEEDS = 12;
const FAULTS = [
  'bridge-killed',
  'bridge-unplugged',
  'speaker-killed',
  'speaker-stands-still',
  'links-broken',
  'cut-off-silent',
  'cut-off-reset',
  'heard-by-nobody',
  'hears-nobody',
  'link-far',
  'link-lossy',
  'link-narrow',
  'disk-full',
  'calendar-steps',
];
const EVENTS_MAX = 25;
/** A peer that is half open is given up after 45 s, and speakers come back within 15 s of their bridge. */
const ALL_IS_WELL_AFTER = ms(60_000);

function anyRequest(world: World): PhoneRequest {
  const speaker = world.random.pick(world.speakers);
  const places = world.library.map((_, place) => place);
  const speakerId = world.random.chance(0.6) ? null : idOf(speaker);
  switch (world.random.between(0, 9)) {
    case 0:
    case 1:
      return playRequest(world, speaker, places);
    case 2:
    case 3:
      return { kind: 'transfer', speakerId: idOf(speaker), isPlaying: world.random.pick([true, false, undefined]) };
    case 4:
      return { kind: 'seek', speakerId, positionMs: between(world, 0, 20_000) };
    case 5:
      return { kind: 'setVolume', speakerId, volume: world.random.between(20, 100) };
    case 6:
      return { kind: 'enqueue', speakerId, trackId: world.random.pick(trackIds(world)) };
    case 7:
      return { kind: 'setRepeat', speakerId, mode: world.random.pick(['off', 'context', 'track'] as const) };
    default:
      return { kind: world.random.pick(['pause', 'resume', 'next', 'previous'] as const), speakerId };
  }
}

function anyFault(world: World): Mend {
  const kind = faultKindNamed(world.random.pick(FAULTS));
  return kind.begin(world, world.random.pick(kind.targets(world)), world.random);
}

/** A few seconds of it; what is broken is mended at times of its own. */
async function badEvening(world: World, gapMs: number): Promise<void> {
  await must(world, nth(world.phones, 0), playRequest(world, nth(world.speakers, 0)));
  await sounding(world, nth(world.speakers, 0));
  const broken: (() => void)[] = [];
  for (let event = world.random.between(5, EVENTS_MAX); event > 0; event -= 1) {
    if (world.random.chance(0.25)) broken.push(anyFault(world));
    else if (broken.length > 0 && world.random.chance(0.3)) broken.shift()?.();
    // A speaker without power has told nobody its name.
    else if (world.speakers.every((it) => it.view() !== null))
      void world.random.pick(world.phones).ask(anyRequest(world));
    await world.run(between(world, 0, gapMs));
  }
  for (const mend of broken) mend();
}

/** What the household says plays is what is heard. */
function expectTheRightSound(world: World): void {
  const session = world.bridge.household()?.view(HOUSE_ACCOUNT).session;
  const active = world.speakers.find((it) => it.view()?.id === session?.activeSpeakerId);
  const expected = session?.playback === 'playing' ? [active?.name] : [];
  expect(world.speakers.filter((it) => it.isSounding()).map(({ name }) => name)).toEqual(expected);
}

describe('a bad evening', () => {
  it.each([
    ['hasty', 400],
    ['slow', 9_000],
  ])('%s: in the end everybody agrees, and only what should sound does', async (_, gapMs) => {
    await withSeeds(MODELLED, async (world) => {
      await badEvening(world, gapMs);
      await world.run(ALL_IS_WELL_AFTER);
      await world.quiet();
      expectTheRightSound(world);
    });
  });

  it('with real sound, speakers that find their bridge by themselves, and short tracks: the same', async () => {
    await withSeeds(
      REAL,
      async (world) => {
        await badEvening(world, 2_000);
        await world.run(ALL_IS_WELL_AFTER);
        await world.quiet();
      },
      { seeds: REAL_SEEDS },
    );
  });
});
