/**
 * Several people with several phones each press anything, over a network that holds requests up, repeats them and loses
 * answers, while the bridge and the speakers die and come back. In the end every phone shows what is so; no epoch ever had
 * two writers; what was answered with yes was done once, and nothing twice.
 */
import { describe, expect, it } from 'vitest';
import type { PhoneRequest } from '#bridge/core/ports/household';
import { contextUid } from '#protocol/kit/queue-uid';
import type { CommandId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { VirtualPhone } from '#sim/phones/virtual-phone';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { Mend } from '#sim/world/faults/fault-kind';
import { faultKindNamed } from '#sim/world/faults/fault-kinds';
import type { World, WorldOptions } from '#sim/world/world';
import { between, idOf, must, nth, playRequest, sessionOf, sounding, trackIds, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const TRACKS = 14;
const HOUSE: WorldOptions = {
  speakers: 3,
  phones: 4,
  accounts: 2,
  tracks: tracksOf(...Array.from({ length: TRACKS }, (_, place) => 8 + place * 7)),
  sound: 'modelled',
  trouble: { delayMax: ms(400), repeatChance: 0.2, lossChance: 0.15, triesMax: 3 },
};
/** Of the two bad evenings, in which everything may meet everything. */
const EVENINGS = 1_000;
/** They take half a minute of one quiet core. */
const EVENINGS_WITHIN_MS = 300_000;
const PRESSES_MAX = 20;
const INSISTS_MAX = 10;
const ALL_IS_WELL_AFTER = ms(20_000);

function anyRequest(world: World, phone: VirtualPhone): PhoneRequest {
  const { random } = world;
  const speaker = random.pick(world.speakers);
  const speakerId = random.chance(0.7) ? null : idOf(speaker);
  const uids = phone.view()?.session.nextUids ?? [];
  const uid = uids.length === 0 ? contextUid(random.between(0, TRACKS)) : random.pick(uids);
  switch (random.between(0, 12)) {
    case 0:
    case 1:
      return playRequest(world, speaker);
    case 2:
    case 3:
      return { kind: 'transfer', speakerId: idOf(speaker), isPlaying: random.pick([true, false, undefined]) };
    case 4:
      return { kind: 'seek', speakerId, positionMs: between(world, 0, 20_000) };
    case 5:
      return { kind: 'setShuffle', speakerId, isOn: random.chance(0.5) };
    case 6:
      return { kind: 'queueAdd', speakerId, trackIds: [random.pick(trackIds(world))], isNext: random.chance(0.5) };
    case 7:
      return { kind: 'queueMove', speakerId, uid, after: uids.length === 0 ? null : random.pick([null, ...uids]) };
    case 8:
      return { kind: 'queueRemove', speakerId, uids: [uid] };
    case 9:
      return { kind: 'setVolume', speakerId: idOf(speaker), volume: random.between(0, 100) };
    default:
      return { kind: random.pick(['pause', 'resume', 'next', 'previous'] as const), speakerId };
  }
}

interface Press {
  readonly id: CommandId;
  readonly isAcknowledged: boolean;
  /** A transfer to where the music is changes nothing, and no speaker is told. */
  readonly mayBeNothing: boolean;
}

async function press(world: World, phone: VirtualPhone): Promise<Press> {
  const request = anyRequest(world, phone);
  const id = phone.newCommandId();
  const outcome = await phone.ask(request, { commandId: id });
  return { id, isAcknowledged: outcome.ok, mayBeNothing: request.kind === 'transfer' };
}

/** A process dies, links break, or (more often) a place is cut off. */
function anyFault(world: World): Mend {
  const { random } = world;
  const speaker = random.pick(world.speakers).name;
  const faults = ['bridge-killed', 'speaker-killed', 'links-broken'] as const;
  const fault = faults[random.between(0, faults.length + 1)];
  if (fault !== undefined)
    return faultKindNamed(fault).begin(world, fault === 'bridge-killed' ? 'bridge' : speaker, random);
  const place = random.pick([speaker, nth(world.phones, 0).name]);
  return faultKindNamed(random.pick(['cut-off-silent', 'cut-off-reset'])).begin(world, place, random);
}

/** @returns what was pressed, once all of it is answered and all is well again */
async function evening(world: World, hasFaults: boolean): Promise<readonly Press[]> {
  const pressed: Promise<Press>[] = [];
  const broken: Mend[] = [];
  for (let left = world.random.between(5, PRESSES_MAX); left > 0; left -= 1) {
    if (hasFaults && world.random.chance(0.2)) broken.push(anyFault(world));
    else if (broken.length > 0 && world.random.chance(0.4)) broken.shift()?.();
    // A speaker without power has told nobody its name.
    else if (world.speakers.every((it) => it.view() !== null))
      pressed.push(press(world, world.random.pick(world.phones)));
    await world.run(between(world, 0, 900));
  }
  for (const mend of broken) mend();
  await world.run(ALL_IS_WELL_AFTER);
  await world.quiet();
  return world.settled('every press is answered', Promise.all(pressed));
}

function expectDoneOnce(world: World, presses: readonly Press[]): void {
  for (const { id, isAcknowledged, mayBeNothing } of presses) {
    const times = world.audit.timesDone(id);
    expect(times, `command ${id} was done`).toBeLessThanOrEqual(1);
    if (isAcknowledged && !mayBeNothing) expect(times, `command ${id} was done`).toBe(1);
  }
}

/** Asks under one id until there is an answer, as a phone does. */
async function insist(world: World, phone: VirtualPhone, request: PhoneRequest): Promise<void> {
  const commandId = phone.newCommandId();
  for (let left = INSISTS_MAX; left > 0; left -= 1) {
    const outcome = await world.settled('an answer', phone.ask(request, { commandId }));
    if (outcome.ok) return;
    if (outcome.error.code !== 'fetch.timed-out') throw outcome.error;
  }
  throw new Error(`no answer to ${request.kind}`);
}

async function twoPlay(world: World): Promise<void> {
  for (const place of [0, 1]) {
    const speaker = nth(world.speakers, place);
    await insist(world, nth(world.phones, place), playRequest(world, speaker));
    await sounding(world, speaker);
  }
}

describe('a house of two people with two phones each', () => {
  it('where each plays on a speaker: nobody hears of the other', async () => {
    await withSeeds(
      { ...HOUSE, trouble: { delayMax: ms(50), repeatChance: 0, lossChance: 0, triesMax: 1 } },
      async (world) => {
        await twoPlay(world);
        await must(world, nth(world.phones, 0), { kind: 'next', speakerId: null });
        await must(world, nth(world.phones, 3), { kind: 'pause', speakerId: null });
        await sounding(world, nth(world.speakers, 0));
        await world.quiet();
        const [left, right] = [sessionOf(nth(world.speakers, 0)), sessionOf(nth(world.speakers, 1))];
        expect([left.queue.index, right.queue.index]).toEqual([1, 0]);
        expect([left.playback.kind, right.playback.kind]).toEqual(['playing', 'paused']);
        const shown = world.phones.map((phone) =>
          phone.view()?.speakers.map(({ isActive, account }) => [isActive, account?.id]),
        );
        expect(shown[0]).toEqual([
          [true, 'house-owner'],
          [false, 'account-2'],
          [false, undefined],
        ]);
        expect(shown[1]).toEqual([
          [false, 'house-owner'],
          [true, 'account-2'],
          [false, undefined],
        ]);
      },
    );
  });

  it('where one takes the speaker of the other: that music stands still where it was, says who, and goes on elsewhere', async () => {
    await withSeeds(
      { ...HOUSE, trouble: { delayMax: ms(50), repeatChance: 0, lossChance: 0, triesMax: 1 } },
      async (world) => {
        await twoPlay(world);
        await world.run(between(world, 500, 4_000));
        const [first, second] = [nth(world.phones, 0), nth(world.phones, 1)];
        const taken = nth(world.speakers, 0);
        const take: PhoneRequest = world.random.chance(0.5)
          ? playRequest(world, taken)
          : { kind: 'transfer', speakerId: idOf(taken), isPlaying: true };
        const heardMs = first.view()?.session.positionMs ?? 0;
        await must(world, second, take);
        await sounding(world, taken);
        await world.quiet();
        expect(first.view()?.session).toMatchObject({
          playback: 'paused',
          activeSpeakerId: null,
          problem: { code: 'session.taken' },
        });
        expect(first.view()?.session.problem?.message).toContain('account-2');
        expect(first.view()?.session.positionMs).toBeGreaterThanOrEqual(heardMs);
        const elsewhere = nth(world.speakers, 2);
        await must(world, first, { kind: 'transfer', speakerId: idOf(elsewhere), isPlaying: true });
        await sounding(world, elsewhere);
        await world.quiet();
        expect(first.view()?.session.problem).toBeNull();
        expect(taken.isSounding()).toBe(true);
      },
    );
  });

  it('where one takes the speaker from which the other’s music is just moving away: each keeps what is theirs', async () => {
    await withSeeds(
      { ...HOUSE, trouble: { delayMax: ms(50), repeatChance: 0, lossChance: 0, triesMax: 1 } },
      async (world) => {
        const [first, second] = [nth(world.phones, 0), nth(world.phones, 1)];
        const [from, to] = [nth(world.speakers, 0), nth(world.speakers, 1)];
        await insist(world, second, playRequest(world, from, [5, 6, 7]));
        await sounding(world, from);
        const moving = second.ask({ kind: 'transfer', speakerId: idOf(to), isPlaying: true });
        await world.run(between(world, 1, 600));
        await must(world, first, playRequest(world, from, [1, 2]));
        await world.settled('the music has moved', moving);
        await world.quiet();
        const tracksOfSpeaker = (speaker: VirtualSpeaker) => [
          sessionOf(speaker).accountId,
          sessionOf(speaker).queue.trackIds,
        ];
        const ids = trackIds(world);
        expect(tracksOfSpeaker(from)).toEqual([undefined, [ids[1], ids[2]]]);
        expect(tracksOfSpeaker(to)).toEqual(['account-2', [ids[5], ids[6], ids[7]]]);
      },
    );
  });

  it('over a bad network: all agree in the end, and what was answered with yes was done once', {
    timeout: EVENINGS_WITHIN_MS,
  }, async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        await twoPlay(world);
        expectDoneOnce(world, await evening(world, false));
      },
      { seeds: EVENINGS },
    );
  });

  it('over a bad network, with bridge and speakers that die: the same', { timeout: EVENINGS_WITHIN_MS }, async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        await twoPlay(world);
        expectDoneOnce(world, await evening(world, true));
      },
      { seeds: EVENINGS },
    );
  });
});
