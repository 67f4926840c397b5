/**
 * Two bridges of one household as their users run them, on one data folder, with Mosquitto between them: phones and a
 * speaker at different bridges, the home killed in the middle of a song, the broker gone and back.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEASE_EVERY, LEASE_LOST_AFTER } from '#bridge/core/nodes/node-limits';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { writeWavTone } from '#sim/content/music-files';
import { ChildProgram } from '#sim/processes/child-program';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';
import { MosquittoProcess, missingForMosquitto } from '#sim/processes/mosquitto-process';
import { RestPhone } from '#sim/processes/rest-phone';

const missing = missingForMosquitto();
if (missing !== null) console.warn(`real-nodes is not run: ${missing}`);

const MAIN = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'app', 'main.ts');
/** Longer than this test takes. */
const SONG_FRAMES = 150 * 48_000;
const READY_WITHIN_MS = 20_000;
/** Six seconds, and what a loaded machine takes longer to start a relay and dial. */
const TAKEN_OVER_WITHIN_MS = LEASE_LOST_AFTER + 2 * LEASE_EVERY + 4_000;

interface RunningNode {
  readonly program: ChildProgram;
  readonly phone: RestPhone;
  readonly port: number;
}

describe.runIf(missing === null)('two bridges of one household', { timeout: 90_000 }, () => {
  let house: HouseholdProcesses;
  let broker: MosquittoProcess;
  let one: RunningNode;
  let two: RunningNode;
  let study: RunningSpeaker;
  const nodes: RunningNode[] = [];

  async function startNode(name: string, port = 0): Promise<RunningNode> {
    const flags = ['--data', join(house.folder, 'data'), '--name', 'House', '--host', '127.0.0.1', '--no-mdns'];
    const own = ['--port', String(port), '--tls-port', '0', '--access', 'open', '--node', name, '--mqtt', broker.url];
    const music = ['--music', join(house.folder, 'music')];
    const program = new ChildProgram(`node-${name}`, process.execPath, [MAIN, ...flags, ...own, ...music]);
    nodes.push({ program, phone: new RestPhone(''), port: 0 });
    const ready = await program.waitForEvent('bridge.ready', READY_WITHIN_MS);
    const url = String(ready['url']);
    return { program, phone: new RestPhone(url), port: Number(ready['port']) };
  }

  const showsStudy = ({ speakers, session }: HouseholdSnapshot) =>
    session.activeSpeakerId === study.id &&
    speakers.some(({ id, isOnline, status }) => id === study.id && isOnline && status !== null);

  beforeAll(async () => {
    house = await HouseholdProcesses.create();
    broker = await MosquittoProcess.start();
    await mkdir(join(house.folder, 'music'));
    writeWavTone({ path: join(house.folder, 'music', '1.wav'), rateHz: 48_000, frames: SONG_FRAMES, hz: 220 });
    one = await startNode('one');
    await one.program.waitForEvent('node.home-taken', READY_WITHIN_MS);
    two = await startNode('two');
    await two.program.waitForEvent('node.home-found', READY_WITHIN_MS);
    study = await house.startSpeaker({ name: 'Study', bridge: `ws://127.0.0.1:${two.port}` });
    await one.phone.until('the speaker at the other bridge', ({ speakers }) =>
      speakers.some(({ isOnline }) => isOnline),
    );
    await one.phone.until('a track', ({ ingest }) => ingest.found > 0, 60_000);
  }, 120_000);

  afterAll(async () => {
    await Promise.all(nodes.map(({ program }) => program.stop()));
    await house?.stop();
    await broker?.stop();
  });

  /** A command that can be told from any other: what it leaves is what it was. */
  const setVolume = (phone: RestPhone, volume: number) =>
    phone.call('PUT', `/v1/me/player/volume?volume_percent=${volume}&device_id=${study.id}`);
  /** At the bridge that was asked it is so at once; the other hears of it. */
  const shows = (phone: RestPhone, volume: number) => {
    const isShown = ({ speakers }: HouseholdSnapshot) =>
      speakers.some(({ id, status }) => id === study.id && status?.volume === volume);
    return phone.until(`volume ${volume}`, isShown);
  };

  it('take a phone’s command at one to a speaker at the other', async () => {
    await one.phone.command('PUT', `/v1/me/player/play?device_id=${study.id}`, { context_uri: 'tonearm:library' });
    await two.phone.until('playing', ({ session }) => session.playback === 'playing', 60_000);
    expect((await setVolume(one.phone, 21)).status).toBe(204);
    await shows(one.phone, 21);
    await shows(two.phone, 21);
    expect((await setVolume(two.phone, 22)).status).toBe(204);
    await shows(two.phone, 22);
    await shows(one.phone, 22);
  });

  it('follow a home that is killed, in the stated time, and the music goes on', async () => {
    const before = await two.phone.household();
    const beforeAt = performance.now();
    one.program.kill('SIGKILL');
    await one.program.waitForExit(5_000);
    const killedAt = performance.now();
    await two.program.waitForEvent('node.home-taken', TAKEN_OVER_WITHIN_MS);
    expect(performance.now() - killedAt).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    const after = await two.phone.until('the speaker again', showsStudy, 30_000);
    const elapsedMs = performance.now() - beforeAt;
    expect(after.session).toMatchObject({
      playback: 'playing',
      track: before.session.track,
      epoch: before.session.epoch,
      contextUri: before.session.contextUri,
    });
    // It has not stood still, and has not begun anew.
    expect(after.session.positionMs - before.session.positionMs).toBeGreaterThan(elapsedMs - 2_000);
    expect(study.program.exitCode).toBeUndefined();
    await shows(two.phone, 22);
    expect((await setVolume(two.phone, 23)).status).toBe(204);
  });

  it('take back one that has gone, as a front door, with all that was acknowledged', async () => {
    one = await startNode('one', one.port);
    await one.program.waitForEvent('node.home-found', READY_WITHIN_MS);
    await shows(one.phone, 23);
    expect((await setVolume(one.phone, 24)).status).toBe(204);
    await shows(two.phone, 24);
  });

  it('go on without the broker, each with what it has, and agree when it is back', async () => {
    await broker.goDown();
    await one.program.waitForEvent('node.home-lost', READY_WITHIN_MS);
    expect((await setVolume(one.phone, 99)).status).toBe(503);
    expect((await two.phone.household()).session.playback).toBe('playing');
    expect((await setVolume(two.phone, 25)).status).toBe(204);
    await broker.comeBack();
    await shows(one.phone, 25);
    await one.phone.command('PUT', '/v1/me/player/pause');
    await two.phone.until('paused', ({ session }) => session.playback === 'paused');
    await shows(two.phone, 25);
  });
});
