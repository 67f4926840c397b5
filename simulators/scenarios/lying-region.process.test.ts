/**
 * `tonearm simulate cdn` between a real bridge and a real speaker: two edges of ours, the near one turns to lying in
 * mid-track, and nothing is heard of it. What each fault of an edge does is in `real-faulty-edges.process`.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { followTrack } from '#sim/listening/follow-track';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';
import { type ListeningRoom, openListeningRoom } from '#sim/processes/listening-room';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { RECORDING_RATE_HZ, type Recorder } from '#sim/processes/recorder';

const RATE = RECORDING_RATE_HZ;
const SINK = 'kitchen';
const TRACK_SECONDS = 40;
const MAIN = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const READY_WITHIN_MS = 20_000;
/** So that music still travels when the mood changes: a little more than what plays. */
const NEAR_KBPS = 400;
const BEFORE_SECONDS = 2;
const AFTER_SECONDS = 6;
/** Of sound in the speaker: what a busy machine's stalls cost is not what is asked here. */
const LATENCY_MS = 1_000;
const STALL_MAX_MS = 100;

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`lying-region is not run: ${missing}`);

interface RegionView {
  readonly name: string;
  readonly mood: string;
  readonly requests: number;
  readonly spoilt: number;
}

describe.runIf(missing === null)('a near region that begins to lie', { timeout: 60_000 }, () => {
  const track = { name: '01 A long one', samples: fingerprintTrack(57, TRACK_SECONDS * RATE) };
  let room: ListeningRoom;
  let cdn: ChildProgram;
  let control: string;
  let recorder: Recorder;

  beforeAll(async () => {
    room = await openListeningRoom([track], SINK);
    const port = String(await freePort());
    const args = ['--regions', 'near:5ms,far:40ms', '--origin', room.house.url, '--control', port];
    cdn = new ChildProgram('cdn', process.execPath, [MAIN, 'cdn', ...args]);
    const told = await cdn.waitForLine(/^bridge: /, READY_WITHIN_MS);
    control = (await cdn.waitForLine(/^control /, READY_WITHIN_MS)).slice('control '.length);
    await order('PUT', '/regions/near/conditions', { down: { kbps: NEAR_KBPS } });
    await room.house.bridge.stop();
    await room.house.startBridge({ args: told.slice('bridge: '.length).split(' ') });
    recorder = await room.pulse.record(SINK);
  }, 60_000);

  afterAll(async () => {
    await recorder?.stop();
    await cdn?.stop();
    await room?.stop();
  });

  async function order(method: 'PUT' | 'POST', path: string, body: unknown): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${control}${path}`, { method, headers, body: JSON.stringify(body) })).status;
  }

  async function region(name: string): Promise<RegionView | undefined> {
    const { regions } = (await (await fetch(`${control}/state`)).json()) as { readonly regions: readonly RegionView[] };
    return regions.find((it) => it.name === name);
  }

  it('is not heard: the music goes on, frame by frame, from elsewhere', async () => {
    const speaker = await room.house.startSpeaker({
      name: 'Kitchen',
      sink: `pulse:${SINK}`,
      env: room.pulse.environment(),
      args: ['--latency', String(LATENCY_MS)],
    });
    const { phone } = room;
    await phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, { context_uri: 'tonearm:library' });
    await phone.until('playing', ({ session }) => session.playback === 'playing');
    await recorder.waitFrames((BEFORE_SECONDS + LATENCY_MS / 1_000) * RATE);
    const asked = (await region('near'))?.requests ?? 0;
    expect(asked, 'the near one was asked').toBeGreaterThan(0);
    const from = recorder.mark();
    expect(await order('PUT', '/regions/near/mood', { mood: 'lying' })).toBe(200);
    await expect.poll(async () => (await region('near'))?.spoilt ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
    await recorder.waitFrames(AFTER_SECONDS * RATE);
    const stretch = recorder.stretch(from);
    const { jumps, lostFrames, quietFrames, foreign } = followTrack(stretch, track, 0, stretch.frameCount);
    expect(foreign).toBe(0);
    if (stretch.stallMs <= STALL_MAX_MS) expect({ jumps, lostFrames, quietFrames }).toEqual(QUIETLY);
  });

  it('refuses moods and regions that it does not have', async () => {
    expect(await order('PUT', '/regions/near/mood', { mood: 'sad' })).toBe(400);
    expect(await order('PUT', '/regions/moon/mood', { mood: 'well' })).toBe(404);
  });
});

const QUIETLY = { jumps: 0, lostFrames: 0, quietFrames: 0 };
