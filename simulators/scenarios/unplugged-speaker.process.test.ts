/**
 * A loudspeaker is unplugged in mid-track and plugged in again, or its sound server is killed and started again: the speaker
 * opens it again by itself, and the music goes on where it was heard last, to 50 ms. Through our way to a sound server, and
 * through ALSA.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type KnownTrack, onsetAfter, whatPlays } from '#sim/listening/where-is';
import type { HouseholdProcesses } from '#sim/processes/household-processes';
import { type ListeningRoom, openListeningRoom } from '#sim/processes/listening-room';
import { missingForPulseaudio, type PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { Recorder, Recording } from '#sim/processes/recorder';
import type { RestPhone } from '#sim/processes/rest-phone';

const RATE = 48_000;
const LISTEN_FRAMES = RATE / 10;
const WITHIN_FRAMES = (RATE * 50) / 1_000;
const REOPENED_WITHIN_MS = 20_000;
const MUSIC: readonly KnownTrack[] = [{ name: '01 A track', samples: fingerprintTrack(31, 25 * RATE) }];

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`unplugged-speaker is not run: ${missing}`);

function placeAt(recording: Recording, frame: number): number {
  const heard = whatPlays(recording, frame, LISTEN_FRAMES, MUSIC);
  if (heard.kind !== 'track') throw new Error(`heard ${heard.kind}`);
  return heard.frame;
}

describe.runIf(missing === null)('a loudspeaker that is unplugged in mid-track', { timeout: 120_000 }, () => {
  let room: ListeningRoom;
  let pulse: PrivatePulseaudio;
  let house: HouseholdProcesses;
  let phone: RestPhone;

  beforeAll(async () => {
    room = await openListeningRoom(MUSIC, 'spk1');
    ({ pulse, house, phone } = room);
  }, 120_000);

  afterAll(async () => {
    await room?.stop();
  });

  it.each([
    ['unplugged', 'pulse'],
    ['unplugged', 'alsa'],
    ['killed', 'pulse'],
    ['killed', 'alsa'],
  ])('%s, through %s', async (how, kind) => {
    const env = pulse.environment();
    const speaker = await house.startSpeaker({ name: `${how} ${kind}`, sink: `${kind}:spk1`, env });
    const before: Recorder = await pulse.record('spk1');
    await phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, { context_uri: 'tonearm:library' });
    await before.waitFrames(RATE);
    while (onsetAfter(before.snapshot(), 0) === undefined) await before.waitFrames(RATE / 2);
    await before.waitFrames(RATE);
    await (how === 'killed' ? pulse.kill() : pulse.unloadSink('spk1'));
    const heardBefore = await before.stop();
    const end = heardBefore.frameCount - LISTEN_FRAMES;
    const lostAt = placeAt(heardBefore, end) + LISTEN_FRAMES;

    // Plugged in and listened to while the speaker cannot look, so that its first sound is recorded.
    await speaker.program.waitForEvent('output.unavailable', REOPENED_WITHIN_MS);
    speaker.program.kill('SIGSTOP');
    await (how === 'killed' ? pulse.startAgain() : pulse.loadSink('spk1'));
    const after = await pulse.record('spk1');
    const from = after.mark();
    speaker.program.kill('SIGCONT');
    const opened = (): number => speaker.program.output().split('"output.opened"').length - 1;
    for (const giveUpAt = Date.now() + REOPENED_WITHIN_MS; opened() < 2 && Date.now() < giveUpAt; ) {
      await after.waitFrames(RATE / 10);
    }
    await after.waitFrames(RATE);
    const heardAfter = await after.stop();
    const onset = onsetAfter(heardAfter, from);
    expect(onset, house.output()).toBeDefined();
    // A little into it, past the fade.
    const listenAt = (onset ?? 0) + LISTEN_FRAMES;
    const resumedAt = placeAt(heardAfter, listenAt) - LISTEN_FRAMES;
    expect(Math.abs(resumedAt - lostAt)).toBeLessThan(WITHIN_FRAMES);
    await speaker.program.stop();
  });
});
