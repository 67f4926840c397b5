/** The page of a run in a real browser, opened as a file is: what it shows, what its tools do, and that no name becomes markup. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REPORT_FORMAT, type RunReport, runReportSchema } from './run-report.ts';
import { checkReportPaths, writeReport } from './write-report.ts';

const CHROMIUM = '/usr/bin/chromium';
const isThere = existsSync(CHROMIUM);
if (!isThere)
  console.warn(`the report's browser tests are skipped: there is no ${CHROMIUM} (Debian: apt install chromium)`);
const WITHIN_MS = 60_000;
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 320, height: 700 };
const EVIL = '<script>document.title="owned"</script>';

/** How many colours are in each chart, asked in the page. */
const COLOURS_DRAWN = `[...document.querySelectorAll('.plot canvas:first-child')].map((canvas) =>
  new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)`;

const ramp = (offset: number): [number, number][] => Array.from({ length: 101 }, (_, at) => [at, at + offset]);
const RUN: RunReport = {
  format: REPORT_FORMAT,
  kind: 'world',
  title: `An evening of ${EVIL}`,
  outcome: 'failed',
  startedAt: null,
  duration: 100,
  parameters: { seeds: '383', who: EVIL },
  figures: [{ name: `buffer of ${EVIL}`, value: 12.5, unit: EVIL }],
  series: [
    { chart: 'buffer', who: EVIL, name: 'buffer', unit: 's', points: ramp(0) },
    { chart: 'buffer', who: 'Kitchen', name: 'buffer', unit: 's', points: ramp(100) },
    { chart: 'memory', who: null, name: 'memory', unit: 'MB', points: ramp(1_000) },
  ],
  events: [
    { at: 20, who: 'bridge', what: 'is killed', kind: 'fault' },
    { at: 30, who: 'bridge', what: 'is killed', kind: 'mended' },
    { at: 40, who: EVIL, what: `says ${EVIL}`, kind: 'command' },
    { at: 70, who: 'Kitchen', what: 'fell silent', kind: 'problem' },
  ],
};

let folder: string;
let file: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-report-'));
  file = join(folder, 'run.html');
  await writeReport(RUN, { json: join(folder, 'run.json'), report: file });
  if (isThere)
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
}, WITHIN_MS);
afterAll(async () => {
  if (isThere) await browser.close();
  rmSync(folder, { recursive: true, force: true });
}, WITHIN_MS);

async function open(viewport = DESKTOP, colorScheme: 'light' | 'dark' = 'light', name = 'run.html'): Promise<void> {
  context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(join(folder, name)).href);
}

/** Where a part of a chart's time lies on the screen. */
async function placeIn(chart: number, part: number): Promise<[number, number]> {
  const plot = page.locator('#charts .plot').nth(chart);
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  if (box === null) throw new Error('the chart is not to be seen');
  return [box.x + box.width * part, box.y + box.height / 2];
}

const legends = () => page.locator('.legend b').allTextContents();

describe('a report', () => {
  it('is written where it was asked for, and refused by the flag that is wrong', async () => {
    expect(runReportSchema.parse(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')))).toEqual(RUN);
    const refused = (paths: Parameters<typeof checkReportPaths>[0]) => () => checkReportPaths(paths);
    expect(refused({ report: join(folder, 'none', 'run.html') })).toThrow(/--report: there is no folder/);
    expect(refused({ json: folder })).toThrow(/--json: .* is a folder/);
    expect(refused({ json: join(folder, 'new.json') })).not.toThrow();
  });

  it('has no name of a run in it that is not escaped', () => {
    const html = readFileSync(file, 'utf8');
    expect(html).not.toContain(EVIL);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(/\b(src|href)="(?!data:|#)/);
  });
});

describe.skipIf(!isThere)('the page of a run', { timeout: WITHIN_MS }, () => {
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  it('says in words what it was, and shows names as the words they are', async () => {
    await open();
    expect(await page.title()).toBe(`An evening of ${EVIL} · failed`);
    expect(await page.locator('h1').textContent()).toBe(`An evening of ${EVIL}`);
    expect(await page.locator('#command').textContent()).toContain('tonearm simulate world --seeds 383');
    expect(await page.locator('.tiles dd').textContent()).toContain('12.5');
    expect(await page.locator('.problems').textContent()).toContain('Kitchen: fell silent');
    expect(await page.getByRole('img', { name: /^buffer: 2 lines from 0 s to 200 s/ }).count()).toBe(1);
  });

  it('shows every value at the instant that is pointed at, by mouse and by keyboard', async () => {
    await open();
    await page.mouse.move(...(await placeIn(1, 0.5)));
    await expect.poll(legends).toEqual(['50 s', '150 s', '1,050 MB']);
    await page.getByRole('slider', { name: 'Instant' }).fill('250');
    await expect.poll(legends).toEqual(['25 s', '125 s', '1,025 MB']);
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe('0:25.0');
  });

  it('looks closer where one drags, and at all of it again', async () => {
    await open();
    const [[from, y], [to]] = [await placeIn(0, 0.2), await placeIn(0, 0.5)];
    await page.mouse.move(from, y);
    await page.mouse.down();
    await page.mouse.move(to, y, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => page.locator('.count').textContent()).toBe('3 of 4 events');
    expect(await page.locator('#events tbody tr:visible').last().textContent()).toContain('0:40.00');
    await page.getByRole('button', { name: 'Show the whole run' }).click();
    await expect.poll(() => page.locator('.count').textContent()).toBe('4 events');
  });

  it('shows only whom one asks for, and the kinds of events that one wants', async () => {
    await open();
    await page.getByRole('searchbox').fill('kitch');
    await expect.poll(legends).toEqual(['200 s', '1,100 MB']);
    expect(await page.locator('.count').textContent()).toBe('1 of 4 events');
    await page.getByRole('searchbox').fill('');
    await page.getByRole('checkbox', { name: /faults/ }).uncheck();
    await expect.poll(() => page.locator('.count').textContent()).toBe('3 of 4 events');
    await page.getByRole('button', { name: 'Kitchen' }).click();
    await expect.poll(legends).toEqual(['200 s', '1,100 MB']);
  });

  it('leads from a problem to where it is in the charts', async () => {
    await open();
    await page.locator('#events button').last().click();
    await expect.poll(legends).toEqual(['70 s', '170 s', '1,070 MB']);
    expect(await page.locator('.told').textContent()).toContain('Kitchen: fell silent');
    const timeline = await page.locator('#timeline .plot').boundingBox();
    expect(timeline?.y).toBeGreaterThan(0);
    expect(timeline?.y).toBeLessThan(DESKTOP.height);
  });

  it('has no tools for what was not measured', async () => {
    await writeReport({ ...RUN, series: [], events: [] }, { report: join(folder, 'bare.html') });
    await open(DESKTOP, 'light', 'bare.html');
    expect(await page.locator('.tiles dd').count()).toBe(1);
    expect(await page.getByRole('slider').count()).toBe(0);
  });

  it('gives back the JSON that it was made of', async () => {
    await open();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the JSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('tonearm-world.json');
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(RUN);
  });

  it('fits a small phone, by day and by night, with something drawn in each chart', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      await open(PHONE, scheme);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
      const colours = (await page.evaluate(COLOURS_DRAWN)) as number[];
      expect(colours).toHaveLength(3);
      // Ground, marks, lines, the shade of a fault and the line of a problem at least, with what lies between them.
      for (const count of colours) expect(count).toBeGreaterThan(4);
      if (scheme === 'light') await context.close();
    }
  });
});
