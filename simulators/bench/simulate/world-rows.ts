/** How fast a simulated household lives, on one core: while it plays, while it sleeps, and over a day of people and faults. */
import { FRAMES_PER_SECOND, frames, ms } from '#protocol/vocabulary/units';
import { drawPlan } from '#sim/plans/draw-plan';
import { playPlan } from '#sim/plans/play-plan';
import { World } from '#sim/world/world';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const SEED = 1;
const HOUSE = { speakers: 4, phones: 2, sound: 'modelled' } as const;
const TRACK_SECONDS = [180, 240, 200, 300];
const PLAYING_S = 3_600;
const IDLE_S = 6 * 3_600;
const DAY_MINUTES = 24 * 60;
const SMOKE_S = 120;
const SMOKE_MINUTES = 5;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;
/** Seeds that are played twice. */
const TWICE_SEEDS = [1, 2, 3, 4, 5];
const TWICE_MINUTES = 30;
const BARS = { must: 200, reach: 2_000 } as const;

export async function measureWorldRows(options: BenchOptions): Promise<readonly Figure[]> {
  const { isSmoke } = options;
  const ways: readonly (readonly [string, () => Promise<number>])[] = [
    ['playing', () => measureLife(true, isSmoke ? SMOKE_S : PLAYING_S)],
    ['idle', () => measureLife(false, isSmoke ? SMOKE_S : IDLE_S)],
    ['a day of people and faults', () => measureDay(isSmoke ? SMOKE_MINUTES : DAY_MINUTES)],
  ];
  const figures: Figure[] = [];
  for (const [what, measure] of ways) {
    const values: number[] = [];
    const rounds = isSmoke ? 1 : WARM_UP_ROUNDS + ROUNDS;
    for (let round = 0; round < rounds; round += 1) values.push(await measure());
    const kept = isSmoke ? values : values.slice(WARM_UP_ROUNDS);
    const key = `household of 4 speakers, 2 phones, ${what}: virtual seconds a second`;
    figures.push(createFigure({ key, unit: 's/s', values: kept, better: 'higher', ...BARS }));
    options.say(`${key}: ${kept.map((value) => value.toFixed(0)).join(', ')}`);
  }
  return figures;
}

export async function measureSameSeed({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  let differing = 0;
  for (const seed of isSmoke ? TWICE_SEEDS.slice(0, 1) : TWICE_SEEDS) {
    const plan = () => drawPlan(seed, { minutes: isSmoke ? SMOKE_MINUTES : TWICE_MINUTES, ...HOUSE });
    const [one, other] = [await playPlan(plan()), await playPlan(plan())];
    if (one.fingerprint !== other.fingerprint) differing += 1;
    say(`seed ${seed}: ${one.fingerprint.slice(0, 16)} and ${other.fingerprint.slice(0, 16)}`);
  }
  const key = 'same seed twice: timelines that differ in a byte';
  return [createFigure({ key, unit: 'count', values: [differing], better: 'lower', must: 0 })];
}

/** @returns virtual seconds for each second of processor */
async function measureLife(isPlaying: boolean, seconds: number): Promise<number> {
  const tracks = TRACK_SECONDS.map((length) => frames(length * FRAMES_PER_SECOND));
  const world = new World(SEED, { ...HOUSE, tracks });
  await world.start();
  const [phone] = world.phones;
  const [speaker] = world.speakers;
  const speakerId = speaker?.view()?.id ?? null;
  if (phone === undefined || speaker === undefined || speakerId === null)
    throw new Error('there is a phone and a speaker');
  if (isPlaying) {
    const ask = async (request: Parameters<typeof phone.ask>[0]) => {
      const answer = await world.settled('a request', phone.ask(request));
      if (!answer.ok) throw answer.error;
    };
    const trackIds = world.library.map(({ trackId }) => trackId);
    await ask({ kind: 'play', speakerId, contextUri: null, trackIds, index: 0, positionMs: ms(0) });
    await ask({ kind: 'setRepeat', speakerId: null, mode: 'context' });
  }
  const startedAt = process.cpuUsage();
  await world.run(ms(seconds * 1_000));
  const spent = process.cpuUsage(startedAt);
  if (isPlaying && !speaker.isSounding()) throw new Error('what was measured did not play');
  await world.stop();
  return seconds / ((spent.user + spent.system) / 1e6);
}

async function measureDay(minutes: number): Promise<number> {
  const plan = drawPlan(SEED, { minutes, ...HOUSE });
  const startedAt = process.cpuUsage();
  const outcome = await playPlan(plan);
  const spent = process.cpuUsage(startedAt);
  if (outcome.failure !== null) throw new Error(`seed ${SEED}: ${outcome.failure.message}`);
  return outcome.virtualMs / 1_000 / ((spent.user + spent.system) / 1e6);
}
