/** The form for a new speaker, in a real browser at a real bridge; which speakers are on the network is made up. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const CHROMIUM = '/usr/bin/chromium';
const isThere = existsSync(CHROMIUM);
const WITHIN_MS = 90_000;

describe.skipIf(!isThere)('the form for a new speaker', { timeout: WITHIN_MS }, () => {
  let house: HouseholdProcesses;
  let browser: Browser;

  beforeAll(async () => {
    house = await HouseholdProcesses.create();
    await house.startBridge();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  }, WITHIN_MS);
  afterAll(async () => {
    await browser.close();
    await house.stop();
  });

  it('offers those that can be paired, sends what was typed, and says what came of it', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    const items = [
      { id: 'speaker-in-kitchen', name: '<b>Kitchen', model: '', address: '', pairing: 'open' },
      { id: 'speaker-next-door', name: 'Next door', model: '', address: '', pairing: 'owned' },
    ];
    const sent: unknown[] = [];
    await page.route('**/tonearm/v1/pairings/candidates', (route) => route.fulfill({ json: { items } }));
    await page.route('**/tonearm/v1/pairings', async (route) => {
      sent.push(route.request().postDataJSON());
      const refusal = { error: { status: 403, code: 'pairing.refused', message: 'no' } };
      if (sent.length === 1) await route.fulfill({ status: 403, json: refusal });
      else await route.fulfill({ status: 201, json: { id: 'speaker-in-kitchen', name: 'Kitchen' } });
    });
    await page.goto(house.url);
    await page.getByText('Add a speaker').click();
    const choice = page.getByLabel('Which speaker');
    await choice.locator('option').first().waitFor({ state: 'attached' });
    expect(await choice.locator('option').allTextContents()).toEqual([
      '<b>Kitchen',
      'Next door (belongs to another house)',
    ]);
    expect(await choice.locator('option:disabled').count()).toBe(1);
    const code = page.getByLabel('The nine digits that it says');
    await code.fill('123 456 780');
    await page.getByRole('button', { name: 'Add', exact: true }).last().click();
    await page.getByText('That is not its code').waitFor();
    await code.fill('123 456 789');
    await page.getByRole('button', { name: 'Add', exact: true }).last().click();
    await page.getByText('It belongs to this house now.').waitFor();
    expect(sent).toEqual([
      { speakerId: 'speaker-in-kitchen', code: '123 456 780' },
      { speakerId: 'speaker-in-kitchen', code: '123 456 789' },
    ]);
  });
});
