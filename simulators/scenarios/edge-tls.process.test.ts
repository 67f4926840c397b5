/** An edge behind TLS with a certificate of the house: who was told to trust it fetches there, who was not never does. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcess } from '#sim/edge/edge-process';
import { makeTestCertificate } from '#sim/edge/test-certificate';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { freePort } from '#sim/processes/free-port';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const RATE = 48_000;
const MUSIC_SECONDS = 20;
const INGEST_WITHIN_MS = 60_000;

describe('an edge behind TLS', () => {
  let house: HouseholdProcesses;
  let edge: EdgeProcess;
  let folder = '';
  let certificate = '';
  let trust: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tonearm-tls-'));
    const { certPath, keyPath } = await makeTestCertificate(folder);
    certificate = await readFile(certPath, 'utf8');
    trust = { NODE_EXTRA_CA_CERTS: certPath };
    const music = join(folder, 'music');
    await mkdir(music);
    const samples = fingerprintTrack(3, MUSIC_SECONDS * RATE);
    await writeFile(join(music, 'Noise.wav'), encodeWav({ left: samples, right: samples, rate: RATE }));
    const port = await freePort();
    house = await HouseholdProcesses.create();
    await house.startBridge({ music, args: ['--edge', `https://127.0.0.1:${port}`], env: trust });
    const args = ['--tls-cert', certPath, '--tls-key', keyPath];
    edge = await EdgeProcess.start({ origin: house.url, cacheFolder: join(folder, 'cache'), port, args });
    await house.phone().until('ingested', ({ ingest }) => !ingest.isRunning && ingest.done === 1, INGEST_WITHIN_MS);
  }, 120_000);

  afterAll(async () => {
    await edge.stop();
    await house.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function conditionOfEdge(): Promise<string | undefined> {
    const answer = await house.phone().command('GET', '/tonearm/v1/edges');
    return (answer as { items: readonly { condition: string }[] }).items[0]?.condition;
  }

  async function play(name: string, env: Readonly<Record<string, string>>): Promise<void> {
    const speaker = await house.startSpeaker({ name, env });
    const phone = house.phone();
    await phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, { context_uri: 'tonearm:library' });
    const isHeard = async () => {
      const { status, body } = await phone.call('GET', '/v1/me/player');
      return status === 200 && Number((body as { progress_ms?: number }).progress_ms) > 500;
    };
    await expect.poll(isHeard, { timeout: 20_000 }).toBe(true);
    await speaker.program.stop();
  }

  const sentBytes = async () =>
    Number(/^tonearm_edge_sent_bytes_total (\d+)$/m.exec(await textOver(edge.url, certificate))?.[1] ?? 0);

  it('is passed over by a speaker that does not know its certificate, which plays from the bridge', async () => {
    await expect.poll(conditionOfEdge, { timeout: 20_000 }).toBe('up');
    await expect(textOver(edge.url, null)).rejects.toThrow('self-signed certificate');
    await play('Stranger', {});
    expect(await sentBytes()).toBe(0);
  }, 60_000);

  it('serves a speaker that was told to trust it', async () => {
    await play('Friend', trust);
    expect(await sentBytes()).toBeGreaterThan(10_000);
  }, 60_000);
});

/** What it says of itself. @param certificate PEM; null: what every machine trusts */
function textOver(url: string, certificate: string | null): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(`${url}/metrics`, certificate === null ? {} : { ca: certificate }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    });
    asked.on('error', reject);
  });
}
