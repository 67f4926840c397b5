import { describe, expect, it } from 'vitest';
import { base64url } from '#protocol/kit/base64url';
import type { Identity } from '#protocol/ports/identity';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { Challenge, Hello } from '#protocol/wire/hello';
import { helloProof } from '#protocol/wire/hello-proof';
import { RelayRoom } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import { PASS_KEPT_FOR } from './speaker-passes.ts';

const ANSWERED = ms(50);

async function roomThatAsks(access: 'required' | 'open'): Promise<RelayRoom> {
  const room = new RelayRoom(access);
  await room.start();
  return room;
}

/** Opens a socket, and has its challenge. */
async function challenged(room: RelayRoom, name: string): Promise<{ speaker: ScriptedSpeaker; challenge: Challenge }> {
  const speaker = room.speaker(name);
  await room.during(speaker.dial());
  await room.run(ANSWERED);
  const [challenge] = speaker.heardOf('challenge');
  if (challenge === undefined) throw new Error('no challenge has come');
  return { speaker, challenge };
}

function helloOf(room: RelayRoom, speaker: ScriptedSpeaker, self: Identity, challenge: Challenge): Hello {
  const id = speakerId(room.identities.idOfPublicKey(self.publicKey));
  const signature = base64url(self.sign(helloProof(challenge, id)));
  const hello = speaker.hello();
  return {
    ...hello,
    speaker: { ...hello.speaker, id },
    identity: { publicKey: base64url(self.publicKey), signature, household: null },
  };
}

async function proven(room: RelayRoom, name: string, self: Identity): Promise<ScriptedSpeaker> {
  const { speaker, challenge } = await challenged(room, name);
  speaker.say(helloOf(room, speaker, self, challenge));
  await room.run(ANSWERED);
  return speaker;
}

function pair(room: RelayRoom, self: Identity): void {
  const id = speakerId(room.identities.idOfPublicKey(self.publicKey));
  const { publicKey } = self;
  room.pairedDisk.set(id, { id, publicKey, name: 'Kitchen', ownerId: HOUSE_ACCOUNT, pairedAtMs: 0 });
}

function refusalOf(speaker: ScriptedSpeaker): unknown {
  const code = speaker.heardOf('goodbye')[0]?.error?.code;
  return { code, closed: speaker.ended?.code, welcomes: speaker.heardOf('welcome').length };
}

const NOT_PROVEN = { code: 'connect.identity-refused', closed: CLOSE_CODES.identityRefused, welcomes: 0 };
const NOT_PAIRED = { code: 'connect.not-paired', closed: CLOSE_CODES.identityRefused, welcomes: 0 };

describe('a house that asks who speakers are', () => {
  it('challenges each link with another nonce, as its first words', async () => {
    const room = await roomThatAsks('required');
    const one = await challenged(room, 'one');
    const two = await challenged(room, 'two');
    expect(one.speaker.heard.map((it) => it.kind)).toEqual(['challenge']);
    expect(one.challenge).toMatchObject({ isOpen: false, bridge: { id: 'test-bridge' } });
    expect(one.challenge.nonce).not.toBe(two.challenge.nonce);
  });

  it('takes a paired speaker that proves its id, and gives it a token', async () => {
    const room = await roomThatAsks('required');
    const self = room.identities.create();
    pair(room, self);
    const speaker = await proven(room, 'kitchen', self);
    const [welcome] = speaker.heardOf('welcome');
    expect(room.passes.holderOf(welcome?.accessToken ?? '')).toBe(room.identities.idOfPublicKey(self.publicKey));
    expect(room.alarms).toEqual([]);
  });

  it('turns away who is not paired, however well it proves who it is', async () => {
    const room = await roomThatAsks('required');
    const speaker = await proven(room, 'stranger', room.identities.create());
    expect(refusalOf(speaker)).toEqual(NOT_PAIRED);
    expect(speaker.heardOf('goodbye')[0]?.retryAfterMs).toBeGreaterThan(0);
    expect(room.alarms).toEqual(['connect.not-paired']);
    expect(room.household.view(HOUSE_ACCOUNT).speakers).toEqual([]);
  });

  it.each([
    ['no proof at all', (hello: Hello) => ({ ...hello, identity: undefined })],
    ['another’s id', (hello: Hello) => ({ ...hello, speaker: { ...hello.speaker, id: speakerId('somebody-else') } })],
    [
      'a cut signature',
      (hello: Hello) => ({
        ...hello,
        identity: hello.identity && { ...hello.identity, signature: `${hello.identity.signature.slice(0, 85)}w` },
      }),
    ],
  ] as const)('turns away a paired id with %s', async (_, spoil) => {
    const room = await roomThatAsks('required');
    const self = room.identities.create();
    pair(room, self);
    const { speaker, challenge } = await challenged(room, 'kitchen');
    const { identity, ...hello } = spoil(helloOf(room, speaker, self, challenge)) as Hello;
    speaker.say(identity === undefined ? hello : { ...hello, identity });
    await room.run(ANSWERED);
    expect(refusalOf(speaker)).toEqual(NOT_PROVEN);
  });

  it('turns away a proof that was heard on another link', async () => {
    const room = await roomThatAsks('required');
    const self = room.identities.create();
    pair(room, self);
    const first = await challenged(room, 'kitchen');
    const second = await challenged(room, 'listener');
    second.speaker.say(helloOf(room, second.speaker, self, first.challenge));
    await room.run(ANSWERED);
    expect(refusalOf(second.speaker)).toEqual(NOT_PROVEN);
  });

  it('sends away one that is forgotten, shows it no more, and takes its token back', async () => {
    const room = await roomThatAsks('required');
    const self = room.identities.create();
    pair(room, self);
    const speaker = await proven(room, 'kitchen', self);
    const id = speakerId(room.identities.idOfPublicKey(self.publicKey));
    const token = speaker.heardOf('welcome')[0]?.accessToken ?? '';
    room.pairedDisk.clear();
    room.household.forgetSpeaker(id);
    await room.run(ANSWERED);
    expect(speaker.heardOf('goodbye')[0]?.error?.code).toBe('connect.not-paired');
    expect(speaker.ended?.code).toBe(CLOSE_CODES.identityRefused);
    expect(room.passes.holderOf(token)).toBeNull();
    expect(room.household.view(HOUSE_ACCOUNT).speakers).toEqual([]);
    expect([...room.disk.speakers.keys()]).toEqual([]);
    expect(refusalOf(await proven(room, 'kitchen', self))).toEqual(NOT_PAIRED);
  });
});

describe('an open house', () => {
  it('takes everybody, but no wrong proof', async () => {
    const room = await roomThatAsks('open');
    expect((await room.connected('plain')).heardOf('welcome')).toHaveLength(1);
    expect((await proven(room, 'proud', room.identities.create())).heardOf('welcome')).toHaveLength(1);
    const { speaker, challenge } = await challenged(room, 'liar');
    const hello = helloOf(room, speaker, room.identities.create(), challenge);
    speaker.say({ ...hello, speaker: { ...hello.speaker, id: speakerId('plain-speaker') } });
    await room.run(ANSWERED);
    expect(refusalOf(speaker)).toEqual(NOT_PROVEN);
  });

  it('lets the proven one of two keep its id, whichever came first, and raises the alarm', async () => {
    for (const isProvenFirst of [true, false]) {
      const room = await roomThatAsks('open');
      const self = room.identities.create();
      const impostor = async () => {
        const { speaker, challenge } = await challenged(room, 'impostor');
        const { identity: _, ...hello } = helloOf(room, speaker, self, challenge);
        speaker.say(hello);
        await room.run(ANSWERED);
        return speaker;
      };
      const order = isProvenFirst
        ? [() => proven(room, 'kitchen', self), impostor]
        : [impostor, () => proven(room, 'kitchen', self)];
      const speakers: ScriptedSpeaker[] = [];
      for (const connect of order) speakers.push(await connect());
      const honest = speakers.find((it) => it.name === 'kitchen');
      const liar = speakers.find((it) => it.name === 'impostor');
      expect(honest?.ended).toBeNull();
      expect(liar?.ended?.code).toBe(CLOSE_CODES.identityRefused);
      expect(liar?.heardOf('goodbye')[0]?.error?.code).toBe('connect.identity-refused');
      expect(room.alarms).toEqual(['claimed twice']);
      expect(room.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([{ name: 'kitchen', isOnline: true }]);
    }
  });

  it('lets the proven one win also when both are greeted at once', async () => {
    const room = await roomThatAsks('open');
    const self = room.identities.create();
    const honest = await challenged(room, 'kitchen');
    const liar = await challenged(room, 'impostor');
    const { identity: _, ...bare } = helloOf(room, liar.speaker, self, liar.challenge);
    honest.speaker.say(helloOf(room, honest.speaker, self, honest.challenge));
    liar.speaker.say(bare);
    await room.run(ANSWERED);
    expect(honest.speaker.ended).toBeNull();
    expect(liar.speaker.ended?.code).toBe(CLOSE_CODES.identityRefused);
    expect(room.alarms).toEqual(['claimed twice']);
  });
});

describe('a speaker’s access token', () => {
  it('outlives its link for a while and no longer', async () => {
    const room = await roomThatAsks('open');
    const speaker = await room.connected('kitchen');
    const token = speaker.heardOf('welcome')[0]?.accessToken ?? '';
    await room.run(ms(PASS_KEPT_FOR * 2));
    expect(room.passes.holderOf(token)).toBe('kitchen-speaker');
    speaker.hangUp();
    await room.run(ms(PASS_KEPT_FOR - 1_000));
    expect(room.passes.holderOf(token)).toBe('kitchen-speaker');
    await room.run(ms(2_000));
    expect(room.passes.holderOf(token)).toBeNull();
    expect(room.passes.holderOf('')).toBeNull();
  });
});
