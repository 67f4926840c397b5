/** What the connection has to do with updates: it says that they are taken, passes on that there is one, and where to ask. */
import { afterEach, describe, expect, it } from 'vitest';
import type { BridgeAccess } from '#device/core/ports/update-listener';
import { ms } from '#protocol/vocabulary/units';
import { SpeakerRig } from '#sim/speakers/speaker-rig';

let rig: SpeakerRig;
afterEach(() => rig.shutDown());

describe('a speaker and its updates', () => {
  it('says which it has, hears that there is one, and where its bridge is', async () => {
    const told: (BridgeAccess | 'offered')[] = [];
    rig = new SpeakerRig();
    rig.updates = {
      takes: { arch: 'arm64', seq: 7 },
      offered: () => told.push('offered'),
      bridgeIs: (access) => told.push(access),
    };
    await rig.startUp();
    expect(rig.bridge.hellos.at(-1)?.capabilities.takesUpdates).toEqual({ arch: 'arm64', seq: 7 });
    rig.bridge.say({ kind: 'updateOffered', version: '0.2.0' });
    await rig.clock.advance(ms(50));
    expect(told.at(-1)).toBe('offered');
    expect(told[0]).toMatchObject({ url: 'http://bridge:4747' });
  });

  it('says nothing of them where it takes none, and is not lost by one that comes all the same', async () => {
    rig = new SpeakerRig();
    await rig.startUp();
    expect(rig.bridge.hellos.at(-1)?.capabilities.takesUpdates).toBeUndefined();
    rig.bridge.say({ kind: 'updateOffered', version: '0.2.0' });
    await rig.clock.advance(ms(50));
    expect(rig.device.view().connection.kind).toBe('connected');
  });
});
