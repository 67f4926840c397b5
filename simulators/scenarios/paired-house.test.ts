/** A house that takes paired speakers alone: they find it, prove themselves, survive what breaks, and are forgotten. */
import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { base64url } from '#protocol/kit/base64url';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { helloProof } from '#protocol/wire/hello-proof';
import { SPEAKER_SERVICE_TYPE } from '#protocol/wire/versions';
import { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { BRIDGE_ADDRESS, SECURE_ADDRESS } from '#sim/world/virtual-bridge';
import type { VirtualTrust } from '#sim/world/virtual-trust';
import type { World, WorldOptions } from '#sim/world/world';
import { idOf, must, nth, playEverything, playRequest, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 2, phones: 1, tracks: tracksOf(300), sound: 'modelled', access: 'required' };
/** The longest wait of a speaker that comes back, and its greeting. */
const BACK_WITHIN = ms(20_000);
const A_WHILE = ms(3_000);

function trustOf(world: World): VirtualTrust {
  if (world.trust === null) throw new Error('this house asks who speakers are');
  return world.trust;
}

/** Somebody on the network with a speaker of their own making. */
async function stranger(world: World, name: string): Promise<ScriptedSpeaker> {
  const speaker = new ScriptedSpeaker(name, world.network.dialerAt(name), BRIDGE_ADDRESS);
  await world.settled(`${name} dials`, speaker.dial());
  await world.until('a challenge', () => speaker.heardOf('challenge').length === 1, A_WHILE);
  return speaker;
}

describe('a house that takes paired speakers alone', () => {
  it('plays for them, by TLS, before and after its bridge was killed', () =>
    withSeeds(HOUSE, async (world) => {
      const speaker = await playEverything(world);
      expect(speaker.view()?.connection).toMatchObject({ kind: 'connected', address: SECURE_ADDRESS });
      world.bridge.kill();
      await world.run(ms(2_000));
      await world.bridge.start();
      await world.until('it is back', () => world.isTrulyConnected(speaker), BACK_WITHIN);
      expect(speaker.isSounding()).toBe(true);
      expect(trustOf(world).alarms).toEqual([]);
    }));

  it('is found by its name in the air when it has moved, and no other is', () =>
    withSeeds({ ...HOUSE, isDiscovered: true }, async (world) => {
      const speaker = nth(world.speakers, 0);
      const gone = ['wss://10.0.0.99:4748'];
      trustOf(world).pair(speaker.trustDisk, speaker.name, gone);
      speaker.kill();
      speaker.start();
      await world.until('it is back', () => world.isTrulyConnected(speaker), BACK_WITHIN);
      expect(speaker.view()?.connection).toMatchObject({ address: SECURE_ADDRESS });
    }));

  it('calls a speaker something else, which is then found under that name, until it is nobody’s', () =>
    withSeeds({ ...HOUSE, isDiscovered: true }, async (world) => {
      const speaker = nth(world.speakers, 0);
      const id = idOf(speaker);
      const names = () => world.air?.names(SPEAKER_SERVICE_TYPE) ?? [];
      const isFoundAs = (name: string) => speaker.view()?.announcedName === name && names().includes(name);
      await world.until('it is announced', () => isFoundAs(speaker.name), A_WHILE);
      const { paired } = trustOf(world);
      const known = paired.get(id);
      if (known === undefined) throw new Error('it is paired');
      paired.set(id, { ...known, name: 'Küche' });
      world.bridge.household()?.renameSpeaker(id, 'Küche');
      await world.until('it is called so', () => isFoundAs('Küche') && !names().includes(speaker.name), A_WHILE);
      // Before it has heard of its bridge, and from its bridge when that was elsewhere while it was called so.
      world.bridge.kill();
      speaker.kill();
      paired.set(id, { ...known, name: 'Bad' });
      speaker.start();
      await world.until('it remembers', () => isFoundAs('Küche'), A_WHILE);
      await world.bridge.start();
      await world.until('it is told', () => isFoundAs('Bad'), BACK_WITHIN);
      paired.delete(id);
      world.bridge.household()?.forgetSpeaker(id);
      await world.until('it is nobody’s', () => isFoundAs(speaker.name), BACK_WITHIN);
    }));

  it('is not mistaken for a stranger at its address, and the music goes on meanwhile', () =>
    withSeeds(HOUSE, async (world) => {
      const speaker = await playEverything(world);
      world.bridge.kill();
      let visitors = 0;
      const leave = world.network.listen(SECURE_ADDRESS, () => (visitors += 1), new Uint8Array(32));
      await world.run(ms(5_000));
      expect(visitors).toBe(0);
      expect(speaker.isSounding()).toBe(true);
      leave();
      await world.bridge.start();
      await world.until('it is back', () => world.isTrulyConnected(speaker), BACK_WITHIN);
    }));

  it('lets nobody in by an id alone, and who has the id goes on undisturbed', () =>
    withSeeds(HOUSE, async (world) => {
      const speaker = await playEverything(world);
      const liar = await stranger(world, 'liar');
      const { speaker: self, ...hello } = liar.hello(liar.resumed());
      liar.say({ ...hello, speaker: { ...self, id: idOf(speaker) } });
      await world.until('it is sent away', () => liar.ended !== null, A_WHILE);
      expect(liar.ended?.code).toBe(CLOSE_CODES.identityRefused);
      expect(liar.heardOf('welcome')).toEqual([]);
      expect(trustOf(world).alarms).toEqual(['connect.identity-refused']);
      expect(world.isTrulyConnected(speaker) && speaker.isSounding()).toBe(true);
    }));

  it('lets nobody in with a key of their own', () =>
    withSeeds(HOUSE, async (world) => {
      const { identities } = trustOf(world);
      const liar = await stranger(world, 'liar');
      const key = identities.create();
      const id = speakerId(identities.idOfPublicKey(key.publicKey));
      const challenge = nth(liar.heardOf('challenge'), 0);
      const signature = base64url(key.sign(helloProof(challenge, id)));
      const hello = liar.hello();
      const identity = { publicKey: base64url(key.publicKey), signature, household: null };
      liar.say({ ...hello, speaker: { ...hello.speaker, id }, identity });
      await world.until('it is sent away', () => liar.ended !== null, A_WHILE);
      expect(liar.heardOf('goodbye')[0]?.error?.code).toBe('connect.not-paired');
      expect(world.bridge.household()?.view(HOUSE_ACCOUNT).speakers).toHaveLength(2);
    }));

  it('forgets a speaker, which drops its owner, and takes it again once it is paired anew', () =>
    withSeeds(HOUSE, async (world) => {
      const speaker = nth(world.speakers, 0);
      const id = idOf(speaker);
      const isAway = world.random.between(0, 1) === 1;
      if (isAway) world.cut(speaker.name, 'reset');
      trustOf(world).paired.delete(id);
      world.bridge.household()?.forgetSpeaker(id);
      if (isAway) await world.run(A_WHILE);
      if (isAway) world.heal(speaker.name);
      const { pairing } = speaker.trustDisk;
      await world.until('it is nobody’s', () => pairing.ownership === null, BACK_WITHIN);
      await world.run(A_WHILE);
      expect(world.isTrulyConnected(speaker)).toBe(false);
      expect(
        world.bridge
          .household()
          ?.view(HOUSE_ACCOUNT)
          .speakers.map((it) => it.name),
      ).toEqual(['speaker-2']);
      trustOf(world).pair(speaker.trustDisk, 'Bath', [SECURE_ADDRESS]);
      await speaker.ownershipChanged();
      await world.until('it is back', () => world.isTrulyConnected(speaker), BACK_WITHIN);
      expect(idOf(speaker)).toBe(id);
      expect(
        world.bridge
          .household()
          ?.view(HOUSE_ACCOUNT)
          .speakers.map((it) => it.name),
      ).toContain('Bath');
      await must(world, nth(world.phones, 0), playRequest(world, speaker));
    }));

  it('is left alone by a speaker that cannot read whose it is', () =>
    withSeeds({ ...HOUSE, isDiscovered: true }, async (world) => {
      const speaker = nth(world.speakers, 0);
      speaker.kill();
      speaker.trustDisk.pairing.isDamaged = true;
      speaker.start();
      await world.run(BACK_WITHIN);
      expect(speaker.view()?.connection.kind).toBe('waiting');
      speaker.trustDisk.pairing.isDamaged = false;
      await speaker.ownershipChanged();
      await world.until('it is back', () => world.isTrulyConnected(speaker), BACK_WITHIN);
    }));
});
