/**
 * Being found by a stranger: real speakers announce themselves, and another implementation of mDNS sees them, each by a
 * name of its own, and no longer once they have left. A speaker that is told nothing finds its bridge the same way.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';
import { missingForAvahi, PrivateAvahi } from '#sim/processes/private-avahi';

const TYPE = '_tonearm._tcp';
const WITHIN_MS = 30_000;
const missing = missingForAvahi();
if (missing !== null) console.warn(`real-discovery is not run: ${missing}`);

describe.runIf(missing === null)('discovery on a real network stack', { timeout: 90_000 }, () => {
  let avahi: PrivateAvahi;
  let house: HouseholdProcesses;
  let first: RunningSpeaker;
  /** Ours alone: others on the network may be called anything. */
  const name = `Attic ${process.pid}`;

  beforeAll(async () => {
    avahi = await PrivateAvahi.start();
    house = await HouseholdProcesses.create();
    await house.startBridge({ hasMdns: true });
  }, 60_000);

  afterAll(async () => {
    await house?.stop();
    await avahi?.stop();
  });

  it('is seen by avahi-browse, with its id in the TXT record', async () => {
    first = await house.startSpeaker({ name, hasMdns: true });
    const seen = await avahi.browseUntil(TYPE, (found) => found.some((it) => it.name === name), WITHIN_MS);
    const service = seen.find((it) => it.name === name);
    expect(service?.txt).toContain(`id=${first.id}`);
    expect(service?.port).toBeGreaterThan(0);
  });

  it('gives a second speaker of the same name a name of its own', async () => {
    const second = await house.startSpeaker({ name, hasMdns: true, args: ['--data', `${house.folder}/second`] });
    const seen = await avahi.browseUntil(
      TYPE,
      (found) => found.filter((it) => it.name.startsWith(name)).length === 2,
      WITHIN_MS,
    );
    const ours = seen.filter((it) => it.name.startsWith(name));
    expect(ours.map((it) => it.name).sort()).toEqual([name, `${name} (2)`]);
    expect(ours.find((it) => it.name === `${name} (2)`)?.txt).toContain(`id=${second.id}`);
    await second.program.stop();
    await avahi.browseUntil(TYPE, (found) => !found.some((it) => it.name === `${name} (2)`), WITHIN_MS);
  });

  it('finds its bridge without being told where it is', async () => {
    const seeker = await house.startSpeaker({ name: `Seeker ${process.pid}`, bridge: null, hasMdns: true });
    await seeker.program.waitForEvent('speaker.connected', WITHIN_MS);
    await house
      .phone()
      .until('seen by the bridge', ({ speakers }) => speakers.some((it) => it.id === seeker.id && it.isOnline));
  });
});
