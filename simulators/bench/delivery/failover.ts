/**
 * What is heard when the edge that music comes from dies in the middle of a track: a real bridge, two narrow edges in
 * front of it, a real speaker into a recorded loudspeaker. The edge in use is killed while segments travel; the recording
 * goes on for longer than what the speaker can have held, so that a gap would be in it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type KnownTrack, longestQuiet, onsetAfter, whatPlays } from '#sim/listening/where-is';
import { encodeWav } from '#sim/music/wav-file';
import { FarEdgeProcess } from '#sim/processes/far-edge-process';
import { freePort } from '#sim/processes/free-port';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import { RECORDING_RATE_HZ, type Recorder } from '#sim/processes/recorder';
import { untilEdgesTrusted } from '#sim/processes/trusted-edges';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const RATE = RECORDING_RATE_HZ;
const RUNS = 3;
const TRACK_SECONDS = 70;
/** Of all its connections together: six times what 160 kbit/s need, so that segments travel for the first 10 s. */
const EDGE_BYTES_PER_SECOND = 120_000;
const MUSIC_ANSWERED = { event: 'answered', path: '/content/v1/' } as const;
/** Waiting in the device: the speaker's own default, so that what is heard is what a home hears. */
const LATENCY_MS = 100;
/** In a smoke other work shares the machine, and its stalls are not to be heard as the edge's. */
const LATENCY_SMOKE_MS = 1_000;
const KILL_AFTER_SECONDS = 2;
/** Held at the kill are at most 12 s: what is heard at the end can only have come from the other edge. */
const LISTEN_SECONDS = 22;
const READY_WITHIN_MS = 10_000;
const INGEST_WITHIN_MS = 60_000;
const SWITCH_WITHIN_MS = 10_000;
const WINDOW_FRAMES = RATE / 10;
/** Music is quiet for shorter than this by itself. */
const QUIET_LEAST_FRAMES = RATE / 200;
const REACH_MS = 300;

interface Round {
  readonly gapMs: number;
  readonly switchMs: number;
}

/** @returns no figures when there is no PulseAudio to listen with */
export async function measureFailover({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = missingForPulseaudio();
  if (missing !== null) {
    say(`failover is not measured: ${missing}`);
    return [];
  }
  const track = { name: 'Long', samples: fingerprintTrack(31, TRACK_SECONDS * RATE) };
  const house = await HouseholdProcesses.create();
  const ports = [await freePort(), await freePort()];
  const rounds: Round[] = [];
  try {
    const music = join(house.folder, 'music');
    await mkdir(music);
    const wav = encodeWav({ left: track.samples, right: track.samples, rate: RATE });
    await writeFile(join(music, `${track.name}.wav`), wav);
    const args = ports.flatMap((port) => ['--edge', `http://127.0.0.1:${port}`]);
    await house.startBridge({ music, args });
    await house.phone().until('ingested', ({ ingest }) => !ingest.isRunning && ingest.done === 1, INGEST_WITHIN_MS);
    for (let round = 0; round < (isSmoke ? 1 : RUNS); round += 1) {
      const figures = await measureRound(house, {
        track,
        ports,
        round,
        latencyMs: isSmoke ? LATENCY_SMOKE_MS : LATENCY_MS,
      });
      rounds.push(figures);
      say(
        `failover ${round + 1}: gap ${figures.gapMs.toFixed(1)} ms, other edge after ${figures.switchMs.toFixed(0)} ms`,
      );
    }
  } finally {
    await house.stop();
  }
  return [
    createFigure({
      key: 'failover in mid-track: audible gap',
      unit: 'ms',
      values: rounds.map(({ gapMs }) => gapMs),
      must: 0,
      better: 'lower',
    }),
    createFigure({
      key: 'failover in mid-track: kill → first byte from the other edge',
      unit: 'ms',
      values: rounds.map(({ switchMs }) => switchMs),
      reach: REACH_MS,
      better: 'lower',
    }),
  ];
}

async function measureRound(
  house: HouseholdProcesses,
  facts: {
    readonly track: KnownTrack;
    readonly ports: readonly number[];
    readonly round: number;
    readonly latencyMs: number;
  },
): Promise<Round> {
  const pulse = await PrivatePulseaudio.start([{ name: 'spk1' }]);
  const ending: (() => Promise<unknown>)[] = [() => pulse.stop()];
  try {
    const edges: FarEdgeProcess[] = [];
    for (const port of facts.ports) {
      const settings = { scope: 'all', isTraced: true, bytesPerSecond: EDGE_BYTES_PER_SECOND } as const;
      const edge = await FarEdgeProcess.start(house.port, settings, port);
      ending.push(() => edge.stop());
      edges.push(edge);
    }
    // Those killed in the last round have to come back to it.
    await untilEdgesTrusted(house);
    const recorder = await pulse.record('spk1');
    ending.push(() => recorder.stop());
    const name = `Room ${facts.round + 1}`;
    const args = ['--latency', String(facts.latencyMs)];
    const speaker = await house.startSpeaker({ name, sink: 'alsa:spk1', args, env: pulse.environment() });
    ending.push(() => speaker.program.stop());
    const body = { context_uri: 'tonearm:library' };
    await house.phone().command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, body);
    const onset = await untilHeard(recorder, house);
    await recorder.waitFrames(KILL_AFTER_SECONDS * RATE);
    const { killed, other } = await edgeInUse(edges);
    const killedAtMs = performance.now();
    killed.kill();
    const switchMs = await other
      .passed(MUSIC_ANSWERED, killedAtMs, SWITCH_WITHIN_MS)
      .then((atMs) => atMs - killedAtMs)
      // On a machine too busy to be near, the bridge itself is asked: as long as was waited for, and no bar is met.
      .catch(() => SWITCH_WITHIN_MS);
    await recorder.waitFrames(LISTEN_SECONDS * RATE);
    return { gapMs: gapMsIn(recorder, onset, facts.track), switchMs };
  } finally {
    for (const end of ending.toReversed()) await end();
  }
}

/** The one that answered first; the bridge orders them by how they have done. */
async function edgeInUse(
  edges: readonly FarEdgeProcess[],
): Promise<{ readonly killed: FarEdgeProcess; readonly other: FarEdgeProcess }> {
  const killed = await Promise.any(
    edges.map(async (edge) => {
      await edge.passed(MUSIC_ANSWERED, 0, READY_WITHIN_MS);
      return edge;
    }),
  );
  const other = edges.find((edge) => edge !== killed);
  if (other === undefined) throw new Error('two edges are needed');
  return { killed, other };
}

async function untilHeard(recorder: Recorder, house: HouseholdProcesses): Promise<number> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const onset = onsetAfter(recorder.snapshot(), 0);
    if (onset !== undefined) return onset;
    if (performance.now() > giveUpAt) throw new Error(`nothing was heard\n${house.output()}`);
    await recorder.waitFrames(WINDOW_FRAMES);
  }
}

/** What passed without being music: frames by which the track fell behind the recording, or the longest silence in it. */
function gapMsIn(recorder: Recorder, onset: number, track: KnownTrack): number {
  const recording = recorder.snapshot();
  const [from, to] = [onset + WINDOW_FRAMES, recorder.mark() - 2 * WINDOW_FRAMES];
  const [first, last] = [from, to].map((at) => whatPlays(recording, at, WINDOW_FRAMES, [track]));
  if (first?.kind !== 'track' || last?.kind !== 'track') throw new Error(`heard ${first?.kind} and ${last?.kind}`);
  const behind = to - from - (last.frame - first.frame);
  const quiet = longestQuiet(recording, from, to);
  return (Math.max(Math.abs(behind), quiet >= QUIET_LEAST_FRAMES ? quiet : 0) * 1000) / RATE;
}
