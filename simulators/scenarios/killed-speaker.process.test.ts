/**
 * A speaker's process is killed with SIGKILL in mid-track and started again, as a supervisor does: what its loudspeaker
 * played is recorded, and the music is heard to go on where it broke off.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type KnownTrack, whatPlays } from '#sim/listening/where-is';
import type { HouseholdProcesses, RunningSpeaker } from '#sim/processes/household-processes';
import { type ListeningRoom, openListeningRoom } from '#sim/processes/listening-room';
import { missingForPulseaudio, type PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { Recorder, Recording } from '#sim/processes/recorder';
import type { RestPhone } from '#sim/processes/rest-phone';

const RATE = 48_000;
const TRACK_FRAMES = 60 * RATE;
const LISTEN_FRAMES = RATE / 10;
/** A trace is left every 80 ms by a thread that runs; a busy machine lets it wait while its sound goes on in the server. */
const HEARD_TWICE_MAX = 0.15 * RATE;
/** It is taken to have ended half-way between two traces; a recording and the edges of a sound are known to some ms. */
const SKIPPED_MAX = 0.05 * RATE;
/** With the one of the second test no more in a row than a speaker goes on after. */
const KILLS = 2;

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`killed-speaker is not run: ${missing}`);

const MUSIC: readonly KnownTrack[] = [{ name: '01 A long one', samples: fingerprintTrack(21, TRACK_FRAMES) }];

/** The longest stretch without a sound in what was recorded from `from` on. */
function longestHole({ samples, frameCount }: Recording, from: number): { start: number; frames: number } {
  let hole = { start: from, frames: 0 };
  let start = from;
  for (let frame = from; frame < frameCount; frame += 1) {
    const isLoud = Math.abs(samples[frame * 2] ?? 0) > 100 || Math.abs(samples[frame * 2 + 1] ?? 0) > 100;
    if (isLoud) start = frame + 1;
    else if (frame + 1 - start > hole.frames) hole = { start, frames: frame + 1 - start };
  }
  return hole;
}

describe.runIf(missing === null)('a speaker whose process is killed', { timeout: 120_000 }, () => {
  let room: ListeningRoom;
  let pulse: PrivatePulseaudio;
  let house: HouseholdProcesses;
  let phone: RestPhone;
  let kitchen: RunningSpeaker;
  let recorder: Recorder;

  beforeAll(async () => {
    room = await openListeningRoom(MUSIC, 'spk1');
    ({ pulse, house, phone } = room);
    kitchen = await start();
    recorder = await pulse.record('spk1');
    await phone.command('PUT', `/v1/me/player/play?device_id=${kitchen.id}`, { context_uri: 'tonearm:library' });
    await recorder.waitFrames(2 * RATE);
  }, 120_000);

  afterAll(async () => {
    await recorder?.stop();
    await room?.stop();
  });

  const start = () =>
    house.startSpeaker({
      name: 'Kitchen',
      sink: 'pulse:spk1',
      env: pulse.environment(),
      args: ['--log-level', 'debug'],
    });

  /** Kills it, starts it again, and listens. @returns frames of the track that were heard twice, by the recording */
  const killAndListen = async (startAgain: () => Promise<RunningSpeaker>): Promise<number> => {
    const from = recorder.mark() - RATE;
    kitchen.program.kill('SIGKILL');
    await kitchen.program.waitForExit(5_000);
    kitchen = await startAgain();
    await recorder.waitFrames(2 * RATE);
    const recording = recorder.snapshot();
    const hole = longestHole(recording, from);
    const left = whatPlays(recording, hole.start - LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    const back = whatPlays(recording, hole.start + hole.frames + LISTEN_FRAMES, LISTEN_FRAMES, MUSIC);
    if (left.kind !== 'track' || back.kind !== 'track') {
      throw new Error(`heard ${left.kind} and then ${back.kind}\n${house.output()}`);
    }
    return left.frame + LISTEN_FRAMES - (back.frame - LISTEN_FRAMES);
  };

  const expectGoesOn = (heardTwice: number): void => {
    expect(heardTwice).toBeLessThan(HEARD_TWICE_MAX);
    expect(heardTwice).toBeGreaterThan(-SKIPPED_MAX);
  };

  it('goes on by itself where it broke off, each time, and the phone sees nothing but a pause', async () => {
    const before = await phone.until('playing', ({ session }) => session.playback === 'playing');
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await recorder.waitFrames(RATE + kill * 3_711);
      expectGoesOn(await killAndListen(start));
    }
    const after = await phone.until('playing', ({ session }) => session.playback === 'playing');
    expect(after.session).toMatchObject({
      activeSpeakerId: kitchen.id,
      epoch: before.session.epoch,
      track: before.session.track,
      contextUri: before.session.contextUri,
    });
  });

  it('does so with the bridge dead too, by what it has kept, and is still the one that plays when that is back', async () => {
    await recorder.waitFrames(RATE);
    const before = await phone.household();
    house.bridge.kill('SIGKILL');
    await house.bridge.waitForExit(5_000);
    const alone = { name: 'Kitchen', bridge: null, sink: 'pulse:spk1', env: pulse.environment() };
    expectGoesOn(await killAndListen(() => house.startSpeaker(alone)));
    await recorder.waitFrames(2 * RATE);
    await house.startBridge();
    const after = await phone.until(
      'playing again',
      ({ session }) => session.playback === 'playing' && session.activeSpeakerId === kitchen.id,
      30_000,
    );
    expect(after.session).toMatchObject({ epoch: before.session.epoch, track: before.session.track });
  });
});
