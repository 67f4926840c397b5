/**
 * The page in a real browser, against a real bridge and real speakers in processes of their own. The tests are one
 * evening in one house, told in order: each goes on where the last one left the music.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sine, stereo } from '#sim/music/test-signals';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import type { RestPhone } from '#sim/processes/rest-phone';
import { ANSWER_WITHIN_MS, ASK_AFTER_MS } from './pulse.js';

const CHROMIUM = '/usr/bin/chromium';
const isThere = existsSync(CHROMIUM);
if (!isThere)
  console.warn(`the page's browser tests are skipped: there is no ${CHROMIUM} (Debian: apt install chromium)`);

const START_WITHIN_MS = 90_000;
const WITHIN_MS = 60_000;
/** On a loaded machine with two cores; in practice some tens of milliseconds. */
const SEEN_WITHIN_MS = 15_000;
/** As often as the page looks at its socket; after a first loss it waits no longer than this. */
const PULSE_MS = 1_000;
const RETRIED_WITHIN_MS = 1_000;
const TRACK_SECONDS = 40;
const SAMPLE_RATE = 48_000;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 860 };
const EVIL = '<img src=x onerror="document.title=`owned`">';

let house: HouseholdProcesses;
let phone: RestPhone;
let browser: Browser;

beforeAll(async () => {
  if (!isThere) return;
  house = await HouseholdProcesses.create();
  const music = path.join(house.folder, 'music');
  await mkdir(music);
  await writeTrack(music, 'Harbour Lights', 'Evening Tide', 1);
  await writeTrack(music, 'Slow Ferry', 'Evening Tide', 2);
  await writeTrack(music, EVIL, '<b>Mallory</b>', 1);
  await writeFile(path.join(music, 'broken.wav'), 'this is no music');
  await house.startBridge({ music });
  phone = house.phone();
  await Promise.all([house.startSpeaker({ name: 'Kitchen' }), house.startSpeaker({ name: 'Bedroom' })]);
  await phone.until('all music read', ({ ingest }) => !ingest.isRunning && ingest.done === 3, START_WITHIN_MS);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  });
}, START_WITHIN_MS);

afterAll(async () => {
  if (!isThere) return;
  await browser.close();
  await house.stop();
}, START_WITHIN_MS);

async function writeTrack(folder: string, title: string, album: string, trackNumber: number): Promise<void> {
  const tags = { title, artist: 'The Quiet Hours', album, trackNumber, trackCount: 2, year: 2021 };
  const tone = stereo(sine(220 * trackNumber, TRACK_SECONDS * SAMPLE_RATE, 0.1));
  const file = encodeWav(tone, { ...tags, genre: 'Test', comment: '', picture: null });
  await writeFile(path.join(folder, `${album.length}-${trackNumber}.wav`), file);
}

describe.skipIf(!isThere)('the page', { timeout: WITHIN_MS }, () => {
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  /** Commands of this page: `socket pause`, or `PUT /v1/me/player/pause`. */
  let commands: string[];

  /** @param arrange done before the page is there */
  async function open(
    viewport: { width: number; height: number },
    hash = '',
    arrange: () => Promise<void> = async () => {},
  ): Promise<void> {
    context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(SEEN_WITHIN_MS);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (request.method() !== 'GET' && pathname.startsWith('/v1/')) commands.push(`${request.method()} ${pathname}`);
    });
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const { kind, body } = JSON.parse(String(payload));
        if (kind === 'request') commands.push(`socket ${body.kind}`);
      }),
    );
    await arrange();
    await page.goto(`${house.url}/${hash}`);
  }
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true });
  const speaker = (name: string): Locator => page.locator('.speaker', { hasText: name });

  beforeEach(() => {
    complaints = [];
    commands = [];
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  it('asks where, plays there by a click, and shows it', async () => {
    await open(DESKTOP);
    await page.getByText('Evening Tide').click();
    await page.locator('.play-all').click();
    await page.getByText('Where? Choose a speaker.').waitFor();
    await speaker('Kitchen')
      .getByRole('button', { name: /Play here/ })
      .click();
    const { session, speakers } = await phone.until('playing', (it) => it.session.playback === 'playing');
    expect(session.track?.title).toBe('Harbour Lights');
    expect(speakers.find((it) => it.id === session.activeSpeakerId)?.name).toBe('Kitchen');
    await page.locator('.now-title', { hasText: 'Harbour Lights' }).waitFor();
    await page.locator('.track[aria-current]', { hasText: 'Harbour Lights' }).waitFor();
    await speaker('Kitchen').getByText('Kitchen').waitFor();
    expect(await page.title()).toBe('Harbour Lights · The Quiet Hours');
    expect(await page.locator('.next-track .track-title').allTextContents()).toEqual(['Slow Ferry']);
  });

  it('tells what it shows, and the speaker that plays has its beginning before it is asked for', async () => {
    await open(DESKTOP, '#/search/owned');
    const request = await page.waitForRequest((it) => it.url().endsWith('/tonearm/v1/showing'));
    const { trackIds } = request.postDataJSON() as { trackIds: string[] };
    const rows = await page.locator('#main [data-track]').evaluateAll((all) => all.map((it) => it.dataset['track']));
    expect(trackIds).toEqual(rows);
    const kept = () => readdir(path.join(house.folder, 'speaker-Kitchen', 'manifests'));
    await expect.poll(kept, { timeout: SEEN_WITHIN_MS }).toContain(`${trackIds[0]}.json`);
  });

  it('carries the position on by itself, and goes where the slider is put', async () => {
    await open(DESKTOP);
    const shown = page.locator('.seek-value');
    const first = await shown.textContent();
    await expect.poll(() => shown.textContent(), { timeout: SEEN_WITHIN_MS }).not.toBe(first);
    const slider = page.getByRole('slider', { name: 'Position in the track' });
    await slider.fill('25000');
    const { session } = await phone.until('at 25 s', (it) => it.session.positionMs >= 25_000);
    expect(session.positionMs).toBeLessThan(35_000);
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^2\d seconds of 40 seconds$/);
  });

  it('pauses and plays by click and by the space bar, skips and steps back', async () => {
    await open(DESKTOP);
    await button('Pause').click();
    await phone.until('paused', (it) => it.session.playback === 'paused');
    await button('Play').waitFor();
    expect(commands.at(-1)).toBe('socket pause');
    commands = [];
    await page.keyboard.press('/');
    await page.keyboard.press('Space');
    expect(await page.locator('#words').inputValue()).toBe(' ');
    await page.locator('#words').fill('');
    expect(commands).toEqual([]);
    await page.locator('main').focus();
    await page.keyboard.press('Space');
    await phone.until('playing', (it) => it.session.playback === 'playing');
    await button('Next track').click();
    await page.locator('.now-title', { hasText: 'Slow Ferry' }).waitFor();
    await button('Previous track').click();
    await phone.until('back', (it) => it.session.track?.title === 'Harbour Lights' || it.session.positionMs < 1_000);
    expect(commands).toEqual(['socket resume', 'socket next', 'socket previous']);
  });

  it('asks a bridge that takes no requests on the socket over HTTP', async () => {
    const older = (text: string) => text.replace('"takesRequests":true', '"takesRequests":false');
    await open(DESKTOP, '', () =>
      page.routeWebSocket(/events/, (socket) => {
        const bridge = socket.connectToServer();
        bridge.onMessage((data) => socket.send(older(String(data))));
      }),
    );
    await button('Pause').click();
    await phone.until('paused', (it) => it.session.playback === 'paused');
    await button('Play').click();
    await phone.until('playing', (it) => it.session.playback === 'playing');
    expect(commands).toEqual(['PUT /v1/me/player/pause', 'PUT /v1/me/player/play']);
  });

  it('asks again over HTTP what a broken socket took with it, and nothing is done twice', async () => {
    let broken = 0;
    await open(DESKTOP, '', () =>
      page.routeWebSocket(/events/, (socket) => {
        const bridge = socket.connectToServer();
        socket.onMessage((data) => {
          bridge.send(data);
          broken += 1;
          void socket.close();
        });
      }),
    );
    await button('Shuffle').waitFor();
    const { epoch, isShuffled } = (await phone.household()).session;
    await button('Shuffle').click();
    await phone.until('shuffled', (it) => it.session.isShuffled !== isShuffled);
    await expect.poll(() => commands, { timeout: SEEN_WITHIN_MS }).toContain('PUT /v1/me/player/shuffle');
    await expect.poll(() => button('Shuffle').getAttribute('aria-pressed')).toBe(String(!isShuffled));
    expect(broken).toBe(1);
    expect(await page.locator('#notices').textContent()).toBe('');
    const answer = await phone.call('PUT', `/v1/me/player/shuffle?state=${isShuffled}`);
    expect(answer.status).toBe(204);
    expect((await phone.household()).session.epoch).toBe(epoch);
  });

  it('finds out by itself that its socket is nobody’s, though the bridge is there', async () => {
    let sockets = 0;
    let answers = 0;
    await open(DESKTOP, '', async () => {
      await page.clock.install();
      await page.routeWebSocket(/events/, (socket) => {
        const isFirst = sockets === 0;
        const bridge = socket.connectToServer();
        // As where the bridge lost its power after an answer: nothing is closed, and nothing gets through.
        const passOn = (pass: () => void) => (isFirst && answers > 0 ? undefined : pass());
        sockets += 1;
        socket.onMessage((data) => passOn(() => bridge.send(data)));
        bridge.onMessage((data) => {
          passOn(() => socket.send(data));
          if (String(data).includes('"heartbeatAnswer"')) answers += 1;
        });
      });
    });
    await speaker('Kitchen').waitFor();
    await page.clock.runFor(ASK_AFTER_MS + PULSE_MS);
    await expect.poll(() => answers, { timeout: SEEN_WITHIN_MS }).toBe(1);
    expect(sockets).toBe(1);
    await page.clock.runFor(ASK_AFTER_MS + ANSWER_WITHIN_MS + 2 * PULSE_MS);
    await page.clock.runFor(RETRIED_WITHIN_MS);
    await expect.poll(() => sockets, { timeout: SEEN_WITHIN_MS }).toBe(2);
    await page.locator('#connection').waitFor({ state: 'hidden' });
  });

  it('moves the music to another speaker, and changes how loud each is', async () => {
    await open(DESKTOP);
    const other = (await phone.household()).speakers.find((it) => !it.isActive);
    const name = other?.name ?? '';
    await speaker(name)
      .getByRole('button', { name: /Play here/ })
      .click();
    await phone.until('moved', (it) => it.session.activeSpeakerId === other?.id);
    await expect.poll(() => speaker(name).getByRole('button').getAttribute('aria-current')).toBe('true');
    await page.getByRole('slider', { name: `Volume of ${name}` }).fill('63');
    await phone.until('louder', (it) => it.speakers.find((one) => one.id === other?.id)?.status?.volume === 63);
  });

  it('shuffles and repeats', async () => {
    await open(DESKTOP);
    await button('Shuffle').click();
    await phone.until('shuffled', (it) => it.session.isShuffled);
    await expect.poll(() => button('Shuffle').getAttribute('aria-pressed')).toBe('true');
    await button('Repeat is off').click();
    await button('Repeats all').click();
    await button('Repeats this track').waitFor();
    expect((await phone.household()).session.repeat).toBe('track');
  });

  it('shows a title that is markup as the words it is', async () => {
    await open(DESKTOP, '#/tracks');
    await page.locator('.track', { hasText: EVIL }).getByRole('button').first().click();
    await page.locator('.now-title', { hasText: EVIL }).waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.title()).toBe(`${EVIL} · The Quiet Hours`);
    await page.getByText('1 file could not be read').click();
    await page.locator('.ingest-failures', { hasText: 'broken.wav' }).waitFor();
  });

  it('finds music while one types, and queues it', async () => {
    await open(DESKTOP);
    await page.locator('#words').pressSequentially('ferry');
    await page.locator('.found .track', { hasText: 'Slow Ferry' }).waitFor();
    expect(await page.locator('.found .track').count()).toBe(1);
    await button('Play “Slow Ferry” next').click();
    await phone.until('queued', (it) => it.session.next[0]?.title === 'Slow Ferry');
    await page.goBack();
    await page.getByRole('heading', { name: 'Your music' }).waitFor();
  });

  it('fits a phone: the player opens over the music, and the way back closes it', async () => {
    await open(PHONE);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    expect(await button('Next track').isVisible()).toBe(false);
    await button('Open the player').click();
    await button('Next track').waitFor();
    expect(await page.evaluate("document.getElementById('shelf').inert")).toBe(true);
    await page.goBack();
    await expect.poll(() => button('Next track').isVisible()).toBe(false);
    await button('Open the player').click();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate("document.getElementById('shelf').inert")).toBe(false);
  });

  it('says when the bridge is gone, and finds it again by itself', async () => {
    await open(DESKTOP);
    await page.locator('.album').first().waitFor();
    await house.bridge.stop();
    await page.getByText('The bridge does not answer').waitFor();
    const isExpected = (text: string) => /ERR_CONNECTION_REFUSED|WebSocket|Failed to load resource/.test(text);
    await house.startBridge();
    await page.locator('#connection').waitFor({ state: 'hidden' });
    await page.locator('.speaker', { hasText: 'Play here' }).or(page.locator('.speaker.active')).first().waitFor();
    complaints = complaints.filter((it) => !isExpected(it));
  });
});
