/**
 * A speaker's process is stopped for ten seconds in mid-track, as by a debugger or a machine that sleeps, and goes on:
 * it does not take its bridge for lost, nor makes up for what its timers missed, and the music goes on.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type KnownTrack, whatPlays } from '#sim/listening/where-is';
import type { HouseholdProcesses, RunningSpeaker } from '#sim/processes/household-processes';
import { type ListeningRoom, openListeningRoom } from '#sim/processes/listening-room';
import { missingForPulseaudio, type PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { Recorder } from '#sim/processes/recorder';
import type { RestPhone } from '#sim/processes/rest-phone';

const RATE = 48_000;
const STOPPED_FRAMES = 10 * RATE;
const LISTEN_FRAMES = RATE / 10;
/** What waited in the sound server, and what a stopped process left unread. */
const PLAYED_WHILE_STOPPED_MAX = 1 * RATE;

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`stopped-speaker is not run: ${missing}`);

const MUSIC: readonly KnownTrack[] = [{ name: '01 A long one', samples: fingerprintTrack(31, 60 * RATE) }];

describe.runIf(missing === null)('a speaker whose process is stopped for a while', { timeout: 120_000 }, () => {
  let room: ListeningRoom;
  let pulse: PrivatePulseaudio;
  let house: HouseholdProcesses;
  let phone: RestPhone;
  let kitchen: RunningSpeaker;
  let recorder: Recorder;

  beforeAll(async () => {
    room = await openListeningRoom(MUSIC, 'spk1');
    ({ pulse, house, phone } = room);
    kitchen = await house.startSpeaker({ name: 'Kitchen', sink: 'pulse:spk1', env: pulse.environment() });
    recorder = await pulse.record('spk1');
    await phone.command('PUT', `/v1/me/player/play?device_id=${kitchen.id}`, { context_uri: 'tonearm:library' });
    await recorder.waitFrames(3 * RATE);
  }, 120_000);

  afterAll(async () => {
    await recorder?.stop();
    await room?.stop();
  });

  const placeAt = (frame: number): number => {
    const heard = whatPlays(recorder.snapshot(), frame, LISTEN_FRAMES, MUSIC);
    if (heard.kind !== 'track') throw new Error(`heard ${heard.kind}\n${house.output()}`);
    return heard.frame;
  };

  it('goes on with the music where it stood, on the link that it had', async () => {
    const before = placeAt(recorder.mark() - 2 * LISTEN_FRAMES);
    kitchen.program.kill('SIGSTOP');
    await recorder.waitFrames(STOPPED_FRAMES);
    kitchen.program.kill('SIGCONT');
    await recorder.waitFrames(3 * RATE);
    const after = placeAt(recorder.mark() - 2 * LISTEN_FRAMES);
    // It sounds for two to three seconds of the last three, and did for a moment of the ten.
    expect(after - before).toBeGreaterThan(2 * RATE);
    expect(after - before).toBeLessThan(3 * RATE + PLAYED_WHILE_STOPPED_MAX);
    const household = await phone.until('playing', ({ session }) => session.playback === 'playing');
    expect(household.session.activeSpeakerId).toBe(kitchen.id);
    expect(kitchen.program.output()).not.toContain('speaker.disconnected');
    expect(house.bridge.output()).not.toContain('speaker.disconnected');
    // What is shown has followed what is heard, not the calendar.
    const shownFrames = (household.session.positionMs * RATE) / 1_000;
    expect(Math.abs(shownFrames - placeAt(recorder.mark() - 2 * LISTEN_FRAMES))).toBeLessThan(RATE);
    // And it still does what it is told, soon.
    await phone.command('PUT', '/v1/me/player/pause');
  });
});
