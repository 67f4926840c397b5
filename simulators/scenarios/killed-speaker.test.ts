/**
 * A speaker is killed in mid-track and started again by its supervisor. It goes on by itself where it was last heard,
 * with the bridge or without; when the bridge has it back nothing has jumped; and where the music has gone elsewhere
 * meanwhile, it falls silent as soon as it learns of it.
 */

import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { RESUMES_IN_A_ROW_MAX, RESUMES_WITHIN_MS } from '#device/core/control/player-restore';
import { FRAMES_PER_SECOND, framesToMs, ms } from '#protocol/vocabulary/units';
import { ANYWHERE } from '#sim/network/virtual-reach';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World, WorldOptions } from '#sim/world/world';
import { between, facts, idOf, must, nth, playEverything, sessionOf, sounding, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 2, phones: 2, tracks: tracksOf(40, 25, 60), sound: 'real' };
const EVENING: WorldOptions = { speakers: 3, phones: 2, tracks: tracksOf(200, 300, 400, 100), sound: 'modelled' };
const REAL_SEEDS = 10;
/** A trace is left at every step of the audio engine; without one, as a modelled engine is, a second counts. */
const HEARD_TWICE_MAX_MS = 30;
const UNTRACED_MAX_MS = 1_100;
/** A power cut takes back what the disk had not written back, at most. */
const LOST_WITH_POWER_MAX_MS = 5_000;
/** The first frames of a fade in are silent. */
const FADE_MS = 1;
/** What waits in the loudspeaker when it is killed is not heard, and a phone's report is older still. */
const SHOWN_WITHIN_MS = 400;

/** Music plays on the first speaker. */
async function playing(world: World): Promise<VirtualSpeaker> {
  const speaker = await playEverything(world);
  return speaker;
}

function heardMs(speaker: VirtualSpeaker): number {
  return ((speaker.heardPositionFrames() ?? Number.NaN) * 1000) / FRAMES_PER_SECOND;
}

/** Of the first run of its present life, where it began. */
function beganAtMs(speaker: VirtualSpeaker): number {
  return ((speaker.heard()?.runs()[0]?.fromFrames ?? Number.NaN) * 1000) / FRAMES_PER_SECOND;
}

describe('a speaker that is killed in mid-track', () => {
  it('does nothing twice that the one before it did, when nobody else knows that it was done', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      const phone = nth(world.phones, 0);
      const commandId = phone.newCommandId();
      const before = sessionOf(speaker).queue.index;
      // What it is told comes in, what it answers does not get out.
      world.network.part(speaker.name, ANYWHERE);
      void phone.ask({ kind: 'next', speakerId: null }, { commandId });
      await world.until('it is done', () => sessionOf(speaker).queue.index !== before, ms(1_000));
      world.bridge.kill();
      speaker.kill();
      await world.run(between(world, 50, 2_000));
      world.network.rejoin(speaker.name, ANYWHERE);
      void world.bridge.start();
      speaker.start();
      await sounding(world, speaker);
      await world.quiet();
      const outcome = await world.settled('an answer', phone.ask({ kind: 'next', speakerId: null }, { commandId }));
      expect(outcome.ok).toBe(true);
      await world.quiet();
      expect(sessionOf(speaker).queue.index).toBe(before + 1);
    });
  });

  it('goes on by itself where it was last heard, and nothing jumps when the bridge has it back', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playing(world);
        await must(world, nth(world.phones, 0), { kind: 'setVolume', speakerId: idOf(speaker), volume: 55 });
        await world.run(between(world, 1_500, 9_000));
        const before = facts(sessionOf(speaker));
        const epoch = speaker.view()?.epoch;
        const [track, lastHeardMs] = [speaker.heardTrack(), heardMs(speaker)];
        speaker.kill();
        await world.run(between(world, 50, 3_000));
        speaker.start();
        await sounding(world, speaker);
        await world.run(ms(500));
        expect(speaker.heardTrack()).toBe(track);
        expect(beganAtMs(speaker)).toBeLessThanOrEqual(lastHeardMs + FADE_MS);
        expect(beganAtMs(speaker)).toBeGreaterThan(lastHeardMs - HEARD_TWICE_MAX_MS);
        await world.quiet();
        expect(facts(sessionOf(speaker))).toEqual(before);
        expect(speaker.view()).toMatchObject({ epoch, speaker: { volume: 55 } });
        const shown = world.bridge.household()?.view(HOUSE_ACCOUNT).session;
        expect(shown).toMatchObject({ playback: 'playing', activeSpeakerId: idOf(speaker), epoch });
        expect(Math.abs((shown?.positionMs ?? Number.NaN) - heardMs(speaker))).toBeLessThan(SHOWN_WITHIN_MS);
        await must(world, nth(world.phones, 1), { kind: 'next', speakerId: null });
      },
      { seeds: REAL_SEEDS },
    );
  });

  it('does so at any moment, also in the middle of a command, and as often as it is killed', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      for (let round = world.random.between(1, 4); round > 0; round -= 1) {
        const isSeek = world.random.chance(0.5);
        const request = isSeek
          ? ({ kind: 'seek', speakerId: null, positionMs: between(world, 0, 90_000) } as const)
          : ({ kind: 'next', speakerId: null } as const);
        const asking = nth(world.phones, 0).ask(request);
        await world.clock.advance(ms(world.random.fraction() * 60));
        speaker.kill();
        await world.settled('the phone is told', asking);
        await world.run(between(world, 20, 2_000));
        speaker.start();
        await sounding(world, speaker);
        await world.quiet();
        // Long enough to be trusted with going on by itself again.
        await world.run(ms(11_000));
      }
    });
  });

  it('goes on while the bridge is away too, and is the writer when that comes back', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      await world.run(between(world, 1_000, 5_000));
      const before = facts(sessionOf(speaker));
      world.bridge.kill();
      await world.run(between(world, 10, 2_000));
      speaker.kill();
      await world.run(between(world, 50, 3_000));
      speaker.start();
      await sounding(world, speaker);
      await world.run(between(world, 0, 20_000));
      await world.bridge.start();
      await world.quiet();
      expect(speaker.isSounding()).toBe(true);
      expect(facts(sessionOf(speaker))).toEqual(before);
      expect(world.bridge.household()?.view(HOUSE_ACCOUNT).session.activeSpeakerId).toBe(idOf(speaker));
    });
  });

  it('falls silent at once when it learns that the music has gone elsewhere', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      const heir = nth(world.speakers, 1);
      await world.run(between(world, 500, 5_000));
      world.cut(speaker.name, 'reset');
      speaker.kill();
      await must(world, nth(world.phones, 1), { kind: 'transfer', speakerId: idOf(heir), isPlaying: true });
      await sounding(world, heir);
      speaker.start();
      await sounding(world, speaker);
      world.heal(speaker.name);
      await world.quiet();
      expect(world.speakers.filter((it) => it.isSounding())).toEqual([heir]);
      expect(speaker.view()).toMatchObject({ session: null, epoch: heir.view()?.epoch });
      // And it has forgotten it, also if it is killed again.
      speaker.kill();
      speaker.start();
      await world.quiet();
      expect(world.speakers.filter((it) => it.isSounding())).toEqual([heir]);
    });
  });

  it('comes back paused at its position after a power cut, or when it was away for long', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      const isUnplugged = world.random.chance(0.5);
      // Of a song that had only just begun, a power cut may leave nothing.
      await world.run(between(world, isUnplugged ? LOST_WITH_POWER_MAX_MS + 1_000 : 1_000, 9_000));
      const lastHeardMs = heardMs(speaker);
      speaker.kill(isUnplugged);
      await world.run(isUnplugged ? ms(2_000) : ms(RESUMES_WITHIN_MS + 1_000));
      speaker.start();
      await world.quiet();
      expect(speaker.isSounding()).toBe(false);
      const { playback } = sessionOf(speaker);
      if (playback.kind !== 'paused') throw new Error(`it is ${playback.kind}`);
      const awayMs = Math.abs(framesToMs(playback.positionFrames) - lastHeardMs);
      expect(awayMs).toBeLessThan(UNTRACED_MAX_MS + (isUnplugged ? LOST_WITH_POWER_MAX_MS : 0));
      await must(world, nth(world.phones, 0), { kind: 'resume', speakerId: null });
      await sounding(world, speaker);
    });
  });

  it('comes back paused when it was paused, and when it was stopped on purpose', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      await world.run(between(world, 1_000, 3_000));
      const isPaused = world.random.chance(0.5);
      if (isPaused) await must(world, nth(world.phones, 0), { kind: 'pause', speakerId: null });
      else await world.settled('it stops', speaker.stop());
      await world.run(ms(500));
      speaker.kill();
      speaker.start();
      await world.quiet();
      expect(speaker.isSounding()).toBe(false);
      expect(sessionOf(speaker).playback.kind).toBe('paused');
    });
  });

  it('that dies of what it plays does not play it for ever', async () => {
    await withSeeds({ ...EVENING, phones: 1 }, async (world) => {
      const speaker = await playing(world);
      let lives = 0;
      for (; lives < RESUMES_IN_A_ROW_MAX + 2; lives += 1) {
        await world.run(between(world, 500, 5_000));
        speaker.kill();
        speaker.start();
        await world.run(ms(1_000));
        if (!speaker.isSounding()) break;
      }
      expect(lives).toBe(RESUMES_IN_A_ROW_MAX);
      await world.quiet();
      expect(sessionOf(speaker).playback.kind).toBe('paused');
    });
  });
});
