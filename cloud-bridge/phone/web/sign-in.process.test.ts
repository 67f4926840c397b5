/** Coming in, in a real browser at a real bridge: the first owner, an invited member, a program with a code. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const CHROMIUM = '/usr/bin/chromium';
const isThere = existsSync(CHROMIUM);
const WITHIN_MS = 60_000;
const SEEN_WITHIN_MS = 15_000;
const PASSWORD = 'a long evening';

let house: HouseholdProcesses;
let browser: Browser;
let welcome = '';
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  if (!isThere) return;
  house = await HouseholdProcesses.create();
  const bridge = await house.startBridge({ access: 'required' });
  welcome = String((await bridge.waitForEvent('bridge.welcome', SEEN_WITHIN_MS))['link']);
  const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath: CHROMIUM, args: flags });
}, WITHIN_MS);
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});
afterAll(async () => {
  if (!isThere) return;
  await browser.close();
  await house.stop();
}, WITHIN_MS);

/** Somebody else's browser. */
async function open(address: string): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(SEEN_WITHIN_MS);
  await page.goto(address);
  return page;
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('Olga');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(!isThere)('the pages of signing in', { timeout: WITHIN_MS }, () => {
  it('let nobody see the music who is not signed in', async () => {
    const page = await open(`${house.url}/`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });

  it('make the first owner of whoever has the link, once, and take the token out of the address', async () => {
    const page = await open(welcome);
    await page.getByRole('heading', { name: 'Welcome home' }).waitFor();
    expect(page.url()).not.toContain('#');
    await page.getByLabel('Your name').fill('Olga');
    await page.getByLabel('Choose a password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Move in' }).click();
    await page.waitForURL(`${house.url}/`);
    await page.getByPlaceholder('Search').waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'tonearm_session', httpOnly: true, sameSite: 'Strict' });
    const second = await open(welcome);
    await second.getByRole('heading', { name: 'This link leads nowhere' }).waitFor();
  });

  it('sign in by name and password, and say no to a wrong one', async () => {
    const page = await open(`${house.url}/sign-in`);
    await page.getByLabel('Name').fill('Olga');
    await page.getByLabel('Password').fill('something else');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
    await signIn(page);
    await page.waitForURL(`${house.url}/`);
  });

  it('invite somebody, who comes in by the link and may not invite others', async () => {
    const page = await open(`${house.url}/sign-in`);
    await signIn(page);
    await page.waitForURL(`${house.url}/`);
    await page.getByRole('link', { name: 'People and signing in' }).click();
    await page.getByLabel('Name').fill('Ben');
    await page.getByRole('button', { name: 'Add' }).click();
    const row = page.locator('li', { hasText: 'Ben (member)' });
    await row.getByRole('button', { name: 'Link' }).click();
    const link = await row.locator('.link').filter({ hasText: '/welcome#' }).textContent();
    const guest = await open(String(link));
    await guest.getByRole('heading', { name: 'Hello, Ben' }).waitFor();
    await guest.getByRole('button', { name: 'Come in' }).click();
    await guest.waitForURL(`${house.url}/`);
    await guest.goto(`${house.url}/people`);
    await guest.getByRole('heading', { name: 'Ben' }).waitFor();
    expect(await guest.getByText('Add somebody').count()).toBe(0);
    // Removed, and the page that is open falls back to signing in by itself.
    await guest.goto(`${house.url}/`);
    await row.getByRole('button', { name: 'Remove' }).click();
    await guest.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('let a program in by its code, and say which one asks', async () => {
    const asked = await fetch(`${house.url}/api/device`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'tonearm', device_name: 'attic' }),
    });
    const device = (await asked.json()) as Record<string, string>;
    const page = await open(String(device['verification_uri_complete']));
    await signIn(page);
    expect(await page.getByLabel('The code that the program shows').inputValue()).toBe(device['user_code']);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('tonearm · attic, at 127.0.0.1, wants to come in as Olga.').waitFor();
    await page.getByRole('button', { name: 'Let it in' }).click();
    await page.getByRole('heading', { name: 'It is in' }).waitFor();
    const answer = await fetch(`${house.url}/api/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: 'tonearm',
        device_code: String(device['device_code']),
      }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const people = await fetch(`${house.url}/tonearm/v1/people`, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, people.status]).toEqual([200, 200]);
  });
});
