/**
 * `tonearm simulate cdn` between a real bridge and a real speaker: the edges that music comes from turn to lying in
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
import { untilEdgesTrusted } from '#sim/processes/trusted-edges';

const RATE = RECORDING_RATE_HZ;
const SINK = 'kitchen';
const TRACK_SECONDS = 100;
const MAIN = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const READY_WITHIN_MS = 20_000;
/** Beyond what is fetched ahead, a minute, so that an edge has to be asked. */
const SEEK_TO_MS = 90_000;
const REGIONS = ['near', 'far'] as const;
const BEFORE_SECONDS = 1;
/** Until what was sought is heard. */
const SOUGHT_SECONDS = 2;
const AFTER_SECONDS = 4;
/** Of sound in the speaker: what a busy machine's stalls cost is not what is asked here. */
const LATENCY_MS = 1_000;
const STALL_MAX_MS = 100;

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`lying-region is not run: ${missing}`);

interface RegionView {
  readonly music: number;
  readonly spoilt: number;
}

describe.runIf(missing === null)('regions that begin to lie', { timeout: 60_000 }, () => {
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
    await room.house.bridge.stop();
    await room.house.startBridge({ args: told.slice('bridge: '.length).split(' ') });
    await untilEdgesTrusted(room.house);
    recorder = await room.pulse.record(SINK);
  }, 100_000);

  afterAll(async () => {
    await recorder?.stop();
    await cdn?.stop();
    await room?.stop();
  });

  async function order(method: 'PUT' | 'POST', path: string, body: unknown): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${control}${path}`, { method, headers, body: JSON.stringify(body) })).status;
  }

  async function count(what: 'music' | 'spoilt'): Promise<number> {
    const { regions } = (await (await fetch(`${control}/state`)).json()) as { readonly regions: readonly RegionView[] };
    return regions.reduce((sum, region) => sum + region[what], 0);
  }

  it('is not heard: the music goes on, and where one seeks to it is the right one', async () => {
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
    expect(await count('music'), 'an edge was asked').toBeGreaterThan(0);
    const from = recorder.mark();
    for (const name of REGIONS) expect(await order('PUT', `/regions/${name}/mood`, { mood: 'lying' })).toBe(200);
    await phone.command('PUT', `/v1/me/player/seek?position_ms=${SEEK_TO_MS}`);
    await expect.poll(() => count('spoilt'), { timeout: 10_000 }).toBeGreaterThan(0);
    await recorder.waitFrames(SOUGHT_SECONDS * RATE);
    const settled = recorder.mark();
    await recorder.waitFrames(AFTER_SECONDS * RATE);
    const whole = recorder.stretch(from);
    expect(followTrack(whole, track, 0, whole.frameCount).foreign, 'of something else').toBe(0);
    const after = recorder.stretch(settled);
    const { jumps, quiets } = followTrack(after, track, 0, after.frameCount);
    if (after.stallMs <= STALL_MAX_MS) expect({ jumps, quiets }).toEqual({ jumps: 0, quiets: 0 });
  });

  it('refuses moods and regions that it does not have', async () => {
    expect(await order('PUT', '/regions/near/mood', { mood: 'sad' })).toBe(400);
    expect(await order('PUT', '/regions/moon/mood', { mood: 'well' })).toBe(404);
  });
});
