/**
 * A peer that is half open: a router has forgotten the link, a plug was pulled, or packets get through one way alone. Both
 * sides know within 45 s that nobody is there, and after the return there is one session, and one link.
 */
import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { ms } from '#protocol/vocabulary/units';
import { ANYWHERE } from '#sim/network/virtual-reach';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World, WorldOptions } from '#sim/world/world';
import { between, idOf, playEverything, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 2, phones: 2, tracks: tracksOf(600, 700), sound: 'modelled' };
const SEEDS = { seeds: 20 };
/** Spec section 7: silence after which either side gives up. */
const DEAD_WITHIN_MS = 45_000;
/** Longest wait of a speaker that comes back, and its greeting. */
const BACK_WITHIN = ms(20_000);

function isShownOnline(world: World, id: string): boolean {
  const shown = world.bridge.household()?.view(HOUSE_ACCOUNT).speakers;
  return shown?.find((it) => it.id === id)?.isOnline === true;
}

/** Until both sides know; the speaker need not where its machine has no power. */
async function expectBothKnow(world: World, speaker: VirtualSpeaker, id: string): Promise<void> {
  const beganUs = world.clock.nowUs();
  let speakerKnewUs = speaker.view() === null ? beganUs : 0;
  let bridgeKnewUs = 0;
  const bothKnow = (): boolean => {
    if (speakerKnewUs === 0 && speaker.view()?.connection.kind !== 'connected') speakerKnewUs = world.clock.nowUs();
    if (bridgeKnewUs === 0 && !isShownOnline(world, id)) bridgeKnewUs = world.clock.nowUs();
    return speakerKnewUs > 0 && bridgeKnewUs > 0;
  };
  await world.until('both know', bothKnow, ms(DEAD_WITHIN_MS + 100));
}

async function expectOneSession(world: World, speaker: VirtualSpeaker): Promise<void> {
  await world.until('it is back', () => world.isTrulyConnected(speaker), BACK_WITHIN);
  await world.run(ms(70_000));
  await world.quiet();
  const online = world.bridge
    .household()
    ?.view(HOUSE_ACCOUNT)
    .speakers.filter((it) => it.isOnline);
  expect(online?.map(({ id }) => id).sort()).toEqual(world.speakers.map(idOf).sort());
  expect(world.network.statistics().linksOpen).toBe(world.speakers.length + world.phones.length);
}

describe('a speaker whose link is half open', () => {
  it.each([
    ['is heard by nobody', true],
    ['hears nobody', false],
  ])('because it %s: both know within 45 s, the music goes on, and one session is left', async (_, isMute) => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 100, 20_000));
        const [from, to] = isMute ? [speaker.name, ANYWHERE] : [ANYWHERE, speaker.name];
        world.network.part(from, to);
        await expectBothKnow(world, speaker, idOf(speaker));
        expect(speaker.isSounding(), 'it plays on').toBe(true);
        await world.run(between(world, 0, 30_000));
        world.network.rejoin(from, to);
        await expectOneSession(world, speaker);
        expect(speaker.isSounding(), 'and has not been stopped').toBe(true);
      },
      SEEDS,
    );
  });

  it('because the link was forgotten on the way: it dials again within 45 s, and one session is left', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 100, 20_000));
        world.network.forgetLinks(speaker.name);
        const isBack = (): boolean => world.isTrulyConnected(speaker);
        expect(isBack()).toBe(false);
        await world.until('it is back', isBack, ms(DEAD_WITHIN_MS + BACK_WITHIN));
        await expectOneSession(world, speaker);
        expect(speaker.isSounding(), 'it has played on').toBe(true);
      },
      SEEDS,
    );
  });

  it('because its plug was pulled: the bridge knows within 45 s, and the speaker has one session when it returns', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 6_000, 20_000));
        const id = idOf(speaker);
        speaker.kill(true);
        const isSoonBack = world.random.chance(0.5);
        if (isSoonBack) await world.run(between(world, 100, 20_000));
        else await expectBothKnow(world, speaker, id);
        speaker.start();
        await expectOneSession(world, speaker);
      },
      SEEDS,
    );
  });
});
