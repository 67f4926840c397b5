import { describe, expect, it } from 'vitest';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { ms } from '#protocol/vocabulary/units';
import { SpeakerRig } from '#sim/speakers/speaker-rig';

const { valid, invalid } = loadGoldenVectors('speaker');
const ANSWERED_WITHIN = ms(100);
/** What a speaker closes with when it could not read a message; anything else is its opinion of one that it could. */
const UNREADABLE: number = CLOSE_CODES.invalidMessage;

async function hearing(family: string, text: string): Promise<SpeakerRig> {
  const rig = new SpeakerRig();
  // A welcome is the first word of a bridge; everything else comes after one.
  if (family === 'hello') rig.bridge.isWelcoming = false;
  await rig.startUp();
  rig.bridge.sayText(text);
  await rig.clock.advance(ANSWERED_WITHIN);
  return rig;
}

describe('a speaker’s door', () => {
  it.each(valid.map((vector) => [vector.name, vector] as const))('reads: %s', async (_, { family, text }) => {
    const rig = await hearing(family, text);
    expect(rig.bridge.closes.map(({ code }) => code)).not.toContain(UNREADABLE);
    await rig.shutDown();
  });

  it.each(invalid.map((vector) => [vector.name, vector] as const))(
    'refuses: %s',
    async (_, { family, text, field }) => {
      const rig = await hearing(family, text);
      expect(rig.bridge.closes.at(0)?.code).toBe(UNREADABLE);
      const goodbye = rig.bridge.messages.find((message) => message.kind === 'goodbye');
      if (field !== undefined) expect(`${goodbye?.error?.field} ${rig.bridge.closes.at(0)?.reason}`).toContain(field);
      await rig.shutDown();
      expect(rig.clock.timers()).toEqual([]);
    },
  );
});
