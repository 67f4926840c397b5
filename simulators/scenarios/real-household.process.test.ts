/**
 * The household as its users run it: bridge and two speakers as separate processes, each speaker into a loudspeaker of
 * its own, commanded through the REST door; what the loudspeakers played is recorded and listened to.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type KnownTrack, longestQuiet, onsetAfter, rmsOf, stretchOf, whatPlays } from '#sim/listening/where-is';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { Recorder } from '#sim/processes/recorder';
import type { RestPhone } from '#sim/processes/rest-phone';

const RATE = 48_000;
/** Not a whole number of packets, so that a join at a packet's edge would be heard as wrong. */
const FIRST_FRAMES = 20 * RATE - 137;
const SECOND_FRAMES = 20 * RATE + 59;
const THIRD_FRAMES = 30 * RATE;
const LISTEN_FRAMES = RATE / 10;
const SECOND = RATE;

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`real-household is not run: ${missing}`);

/** One piece, cut in two without regard to packets, and one of its own. */
const piece = fingerprintTrack(11, FIRST_FRAMES + SECOND_FRAMES);
const MUSIC: readonly KnownTrack[] = [
  { name: '01 Segue, first half', samples: piece.subarray(0, FIRST_FRAMES) },
  { name: '02 Segue, second half', samples: piece.subarray(FIRST_FRAMES) },
  { name: '03 Something else', samples: fingerprintTrack(12, THIRD_FRAMES) },
];
const [FIRST, THIRD] = ['01 Segue, first half', '03 Something else'] as const;
const PIECE: KnownTrack = { name: 'the whole piece', samples: piece };

describe.runIf(missing === null)('a household of real processes', { timeout: 120_000 }, () => {
  let pulse: PrivatePulseaudio;
  let house: HouseholdProcesses;
  let phone: RestPhone;
  let kitchen: RunningSpeaker;
  let study: RunningSpeaker;
  let inKitchen: Recorder;
  let inStudy: Recorder;

  beforeAll(async () => {
    pulse = await PrivatePulseaudio.start([{ name: 'spk1' }, { name: 'spk2' }]);
    house = await HouseholdProcesses.create();
    const music = join(house.folder, 'music');
    await mkdir(music);
    for (const track of MUSIC) {
      await writeFile(
        join(music, `${track.name}.wav`),
        encodeWav({ left: track.samples, right: track.samples, rate: RATE }),
      );
    }
    await house.startBridge({ music });
    phone = house.phone();
    const env = pulse.environment();
    kitchen = await house.startSpeaker({ name: 'Kitchen', sink: 'alsa:spk1', env });
    study = await house.startSpeaker({ name: 'Study', sink: 'alsa:spk2', env });
    inKitchen = await pulse.record('spk1');
    inStudy = await pulse.record('spk2');
    await phone.until('ingested', ({ ingest }) => !ingest.isRunning && ingest.done === MUSIC.length, 60_000);
  }, 120_000);

  afterAll(async () => {
    await inKitchen?.stop();
    await inStudy?.stop();
    await house?.stop();
    await pulse?.stop();
  });

  /** What a recorder hears in the last tenth of a second. */
  const now = (recorder: Recorder) =>
    whatPlays(recorder.snapshot(), recorder.mark() - LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);

  it('plays on the speaker that was chosen and on no other', async () => {
    await phone.command('PUT', `/v1/me/player/play?device_id=${kitchen.id}`, { context_uri: 'tonearm:library' });
    const mark = inKitchen.mark();
    await inKitchen.waitFrames(2 * SECOND);
    const recording = inKitchen.snapshot();
    const onset = onsetAfter(recording, mark - SECOND);
    expect(onset, house.output()).toBeDefined();
    // A tenth in, the tenth of the track is heard: it began at its very first frame, and runs at the right speed.
    const begun = whatPlays(recording, (onset ?? 0) + LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    expect(begun).toMatchObject({ kind: 'track', name: FIRST });
    if (begun.kind === 'track') expect(Math.abs(begun.frame - LISTEN_FRAMES)).toBeLessThan(RATE / 100);
    expect(now(inStudy)).toEqual({ kind: 'silence' });
    const household = await phone.until('playing', ({ session }) => session.playback === 'playing');
    expect(household.session.activeSpeakerId).toBe(kitchen.id);
    expect(household.session.track?.title).toContain('first half');
  });

  it('pauses to silence and goes on with the next frame', async () => {
    const from = inKitchen.mark();
    await phone.command('PUT', '/v1/me/player/pause');
    await inKitchen.waitFrames(SECOND);
    expect(now(inKitchen)).toEqual({ kind: 'silence' });
    await phone.command('PUT', '/v1/me/player/play');
    await inKitchen.waitFrames(2 * SECOND);
    const recording = inKitchen.snapshot();
    const quiet = longestQuiet(recording, from, inKitchen.mark());
    expect(quiet).toBeGreaterThan(SECOND / 2);
    const before = whatPlays(recording, from - LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    const after = whatPlays(recording, inKitchen.mark() - LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    if (before.kind !== 'track' || after.kind !== 'track') throw new Error(`heard ${before.kind} and ${after.kind}`);
    // All that passed but the pause is music: nothing was skipped, nothing repeated (fades hide some ms at each edge).
    const played = after.frame - before.frame;
    const passed = inKitchen.mark() - from - quiet;
    expect(Math.abs(played - passed)).toBeLessThan(RATE * 0.04);
  });

  it('seeks, and joins two segueing tracks without a lost or repeated frame', async () => {
    const targetMs = 17_000;
    const askedAt = inKitchen.mark();
    await phone.command('PUT', `/v1/me/player/seek?position_ms=${targetMs}`);
    const soughtAt = inKitchen.mark();
    await inKitchen.waitFrames(6 * SECOND);
    const recording = inKitchen.snapshot();
    const sought = whatPlays(recording, soughtAt + SECOND / 2, LISTEN_FRAMES, MUSIC);
    expect(sought).toMatchObject({ kind: 'track', name: FIRST });
    if (sought.kind !== 'track') return;
    // Half a second after the answer it is half a second past the target, less what the way to the ear takes, and more by
    // what the answer took: it is heard as soon as it is done, which is not before it was asked for.
    const sinceTarget = sought.frame - (targetMs * RATE) / 1000;
    expect(sinceTarget).toBeGreaterThan(0);
    expect(sinceTarget).toBeLessThanOrEqual(SECOND / 2 + RATE / 100 + (soughtAt - askedAt));

    const joinAt = soughtAt + SECOND / 2 + (FIRST_FRAMES - sought.frame);
    for (const offset of [-SECOND / 2, -LISTEN_FRAMES, -LISTEN_FRAMES / 2, 0, SECOND / 2, SECOND]) {
      const heard = whatPlays(recording, joinAt + offset, LISTEN_FRAMES, [PIECE]);
      expect(heard, `at ${offset} frames from the join`).toMatchObject({ kind: 'track', frame: FIRST_FRAMES + offset });
    }
    // Nor is there a hole: each of the 12 ms around the join is about as loud as the piece is there.
    const millisecond = RATE / 1000;
    const gain =
      rmsOf(stretchOf(recording, joinAt + SECOND / 2, SECOND)) /
      rmsOf(piece.subarray(FIRST_FRAMES + SECOND / 2, FIRST_FRAMES + 1.5 * SECOND));
    for (let offset = -6 * millisecond; offset < 6 * millisecond; offset += millisecond) {
      const heard = rmsOf(stretchOf(recording, joinAt + offset, millisecond)) / gain;
      const meant = rmsOf(piece.subarray(FIRST_FRAMES + offset, FIRST_FRAMES + offset + millisecond));
      expect(heard / meant, `level ${offset} frames from the join`).toBeGreaterThan(0.7);
    }
    expect((await phone.household()).session.track?.title).toContain('second half');
  });

  it('skips to the next track', async () => {
    await phone.command('POST', '/v1/me/player/next');
    await inKitchen.waitFrames(SECOND);
    expect(now(inKitchen)).toMatchObject({ kind: 'track', name: THIRD });
    await phone.until('on the third', ({ session }) => session.track?.title.includes('Something else') === true);
  });

  it('hands over to the other speaker: the position goes along, the first falls silent', async () => {
    const from = inKitchen.mark();
    const before = whatPlays(inKitchen.snapshot(), from - LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    const studyFrom = inStudy.mark();
    await phone.command('PUT', '/v1/me/player', { device_ids: [study.id] });
    await inStudy.waitFrames(2 * SECOND);
    const studyRecording = inStudy.snapshot();
    const onset = onsetAfter(studyRecording, studyFrom);
    expect(onset, house.output()).toBeDefined();
    const started = whatPlays(studyRecording, (onset ?? 0) + LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    expect(started).toMatchObject({ kind: 'track', name: THIRD });
    expect(now(inKitchen)).toEqual({ kind: 'silence' });
    if (before.kind !== 'track' || started.kind !== 'track') throw new Error('neither heard');
    // Where the study began, the kitchen had got to since the mark, give or take the two ways to the ear.
    const kitchenSilentAt = lastLoudFrame(inKitchen.snapshot().samples);
    const kitchenStoppedIn = before.frame + LISTEN_FRAMES + (kitchenSilentAt - from);
    expect(Math.abs(started.frame - LISTEN_FRAMES - kitchenStoppedIn)).toBeLessThan(RATE * 0.05);
    const household = await phone.household();
    expect(household.session.activeSpeakerId).toBe(study.id);
    expect(household.speakers.find((speaker) => speaker.id === kitchen.id)?.isActive).toBe(false);
  });

  it('plays on while the bridge is killed, and nothing jumps when it returns', async () => {
    await phone.command('PUT', `/v1/me/player/volume?volume_percent=83&device_id=${study.id}`);
    await phone.command('PUT', '/v1/me/player/seek?position_ms=4000');
    await inStudy.waitFrames(2 * SECOND);
    const before = await phone.household();
    const from = inStudy.mark();
    house.bridge.kill('SIGKILL');
    await house.bridge.waitForExit(5_000);
    await inStudy.waitFrames(4 * SECOND);
    await house.startBridge();
    const after = await phone.until(
      'back',
      ({ speakers }) => speakers.some((it) => it.id === study.id && it.isOnline && it.status !== null),
      30_000,
    );
    await inStudy.waitFrames(2 * SECOND);
    const to = inStudy.mark() - LISTEN_FRAMES;
    const recording = inStudy.snapshot();
    const first = whatPlays(recording, from, LISTEN_FRAMES, MUSIC);
    const last = whatPlays(recording, to, LISTEN_FRAMES, MUSIC);
    if (first.kind !== 'track' || last.kind !== 'track')
      throw new Error(`heard ${first.kind} and ${last.kind}\n${house.output()}`);
    expect(last.name).toBe(THIRD);
    // Not a frame more or less than the time that passed: no gap, no jump.
    expect(last.frame - first.frame).toBe(to - from);
    expect(after.session).toMatchObject({
      activeSpeakerId: study.id,
      contextUri: before.session.contextUri,
      track: before.session.track,
      next: before.session.next,
      epoch: before.session.epoch,
    });
    expect(after.speakers.find((speaker) => speaker.id === study.id)?.status?.volume).toBe(83);
    const reportedFrame = (after.session.positionMs * RATE) / 1000;
    expect(Math.abs(reportedFrame - last.frame)).toBeLessThan(4 * SECOND);
    await phone.command('PUT', '/v1/me/player/pause');
  });
});

function lastLoudFrame(samples: Int16Array): number {
  for (let index = samples.length - 1; index >= 0; index -= 1)
    if (Math.abs(samples[index] ?? 0) > 100) return index >> 1;
  return 0;
}
