/** The whole speaker when its link to the bridge breaks, lies, or goes quiet: the music and the session stay. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { frames, framesToMs, ms, percent } from '#protocol/vocabulary/units';
import { RIG_ADDRESS as ADDRESS, RIG_PLAY as PLAY, SpeakerRig, RIG_TRACKS as TRACKS } from '#sim/speakers/speaker-rig';

const [A, _B, _C] = TRACKS;

let rig: SpeakerRig;

beforeEach(async () => {
  rig = new SpeakerRig();
  await rig.startUp();
});

afterEach(async () => {
  await rig.shutDown();
  expect(rig.clock.timers()).toEqual([]);
});

describe('a speaker whose bridge goes away', () => {
  it('plays on, comes back, and nothing has jumped', async () => {
    await rig.command({ kind: 'setVolume', volume: percent(61) });
    await rig.command(PLAY);
    await rig.clock.advance(ms(10_000));
    const revisionBefore = rig.device.view().revision;
    rig.bridge.welcome = { ...rig.bridge.welcome, role: 'active' };
    rig.network.cut(ADDRESS, 'reset');
    await rig.clock.advance(ms(30_000));
    expect(rig.engine.isSounding()).toBe(true);
    expect(rig.device.view().connection.kind).not.toBe('connected');
    rig.network.heal(ADDRESS);
    await rig.clock.advance(ms(16_000));
    expect(rig.bridge.hellos.at(-1)?.resume).toMatchObject({ token: 'resume-token-1', epoch: 0, isActive: true });
    expect(rig.engine.heard).toEqual([{ trackId: A, fromFrames: 0 }]);
    expect(rig.bridge.state?.speaker.volume).toBe(61);
    expect(rig.session().queue.trackIds).toEqual(TRACKS);
    const heardAt = framesToMs(frames(Math.floor(rig.engine.position()?.positionFrames ?? 0)));
    expect(heardAt).toBeGreaterThan(55_000);
    // Counted on while nobody listened: whoever compares revisions sees that the state is a newer one.
    expect(rig.bridge.state?.revision).toBeGreaterThan(revisionBefore);
  });

  it('notices a peer that has vanished without a word', async () => {
    rig.network.cut(ADDRESS, 'silent');
    await rig.clock.advance(ms(60_000));
    expect(rig.device.view().connection.kind).not.toBe('connected');
    rig.network.heal(ADDRESS);
    await rig.clock.advance(ms(30_000));
    expect(rig.device.view().connection.kind).toBe('connected');
  });

  it('falls silent when it is told that another has become the writer', async () => {
    await rig.command(PLAY);
    rig.bridge.welcome = { ...rig.bridge.welcome, role: 'standby', epoch: 9 };
    rig.bridge.hangUp();
    await rig.clock.advance(ms(3_000));
    expect(rig.engine.isSounding()).toBe(false);
    expect(rig.bridge.state).toMatchObject({ epoch: 9, session: null });
    expect(await rig.command({ kind: 'resume' }, { epoch: 9 })).toBe('session.nothing-to-play');
  });

  it('stays away as long as it was told to', async () => {
    rig.bridge.say({ kind: 'goodbye', error: null, retryAfterMs: ms(60_000) });
    await rig.clock.advance(ms(59_000));
    expect(rig.bridge.hellos).toHaveLength(1);
    await rig.clock.advance(ms(3_000));
    expect(rig.bridge.hellos).toHaveLength(2);
  });

  it.each([
    ['no JSON', '{', CLOSE_CODES.invalidMessage],
    ['no message', '{"kind":"dance"}', CLOSE_CODES.invalidMessage],
    ['a wrong type', '{"kind":"heartbeat","sequence":"1"}', CLOSE_CODES.invalidMessage],
    ['too large', `{"kind":"${'x'.repeat(70_000)}"}`, CLOSE_CODES.tooLarge],
    ['a second welcome', 'welcome', CLOSE_CODES.protocolError],
  ])('leaves a bridge that sends nonsense, and comes back: %s', async (_what, text, code) => {
    await rig.command(PLAY);
    rig.bridge.welcome = { ...rig.bridge.welcome, role: 'active' };
    rig.bridge.sayText(text === 'welcome' ? JSON.stringify(rig.bridge.welcome) : text);
    await rig.clock.advance(ms(5_000));
    expect(rig.bridge.closes.at(0)?.code).toBe(code);
    expect(rig.bridge.hellos).toHaveLength(2);
    expect(rig.engine.isSounding()).toBe(true);
  });

  it('does not take a command before the welcome', async () => {
    rig.bridge.isWelcoming = false;
    rig.bridge.hangUp();
    await rig.clock.advance(ms(400));
    rig.bridge.command(PLAY);
    await rig.clock.advance(ms(100));
    expect(rig.bridge.closes.at(-1)?.code).toBe(CLOSE_CODES.protocolError);
    expect(rig.engine.intents.some((intent) => intent.kind === 'load')).toBe(false);
  });

  it('says goodbye when it stops', async () => {
    await rig.shutDown();
    expect(rig.bridge.messages.at(-1)).toEqual({ kind: 'goodbye', error: null, retryAfterMs: null });
    expect(rig.bridge.closes).toEqual([{ code: CLOSE_CODES.normal, reason: 'the speaker stops' }]);
  });
});
