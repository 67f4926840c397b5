import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBoundedLogFile } from './bounded-log-file.ts';
import { parseHouseholdOptions } from './household-options.ts';
import { HouseholdScreen, printable, renderOutput, renderWelcome } from './household-screen.ts';
import { firstFreePort, isPortFree, lanAddress } from './network-place.ts';
import { decidePlay, type MusicSeen, PATIENCE_MS, SETTLED_MS } from './play-decision.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-household-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('parseHouseholdOptions', () => {
  const parse = (...args: string[]) => parseHouseholdOptions(args, '/project');

  it('has a default for everything', () => {
    expect(parse()).toEqual({
      ok: true,
      value: {
        musicFolder: null,
        speakerName: 'Living Room',
        port: null,
        dataFolder: '/project/.tonearm',
        isPlaying: true,
        sink: 'auto',
        hasMdns: true,
      },
    });
  });

  it('takes what it is told', () => {
    const args = [
      '--music',
      folder,
      '--name',
      'Küche',
      '--port',
      '4000',
      '--data',
      folder,
      '--no-play',
      '--sink=virtual',
    ];
    expect(parse(...args)).toMatchObject({
      ok: true,
      value: {
        musicFolder: folder,
        speakerName: 'Küche',
        port: 4000,
        dataFolder: folder,
        isPlaying: false,
        sink: 'virtual',
      },
    });
  });

  it.each([
    [['--musik', 'x'], '--musik'],
    [['--music'], '--music'],
    [['--music', '/no/such/folder'], '--music'],
    [['--port', '70000'], '--port'],
    [['--port', '47.5'], '--port'],
    [['--port', ''], '--port'],
    [['--name', ' '], '--name'],
    [['--name', 'x'.repeat(65)], '--name'],
    [['--no-play=yes'], '--no-play'],
    [['music'], 'arguments'],
  ])('refuses %j and names what is wrong', (args, field) => {
    const options = parse(...args);
    expect(options).toMatchObject({ ok: false, error: { code: 'config.invalid', field } });
    expect(!options.ok && options.error.message).toContain(field);
  });
});

describe('decidePlay', () => {
  const seen = (change: Partial<MusicSeen>): MusicSeen => ({
    tracks: 3,
    sinceFirstMs: 100,
    unchangedMs: 100,
    ingest: { isRunning: true, found: 3, failed: 0 },
    isGrowing: false,
    ...change,
  });

  it('waits while there is nothing yet, and says when there will be nothing', () => {
    expect(decidePlay(seen({ tracks: 0 }))).toBe('wait');
    const idle = { isRunning: false, found: 2, failed: 2 };
    expect(decidePlay(seen({ tracks: 0, ingest: idle, isGrowing: true }))).toBe('wait');
    expect(decidePlay(seen({ tracks: 0, ingest: idle }))).toBe('nothing');
  });

  it('waits for the whole folder, but not for ever', () => {
    const ingest = { isRunning: true, found: 900, failed: 0 };
    expect(decidePlay(seen({ ingest, unchangedMs: 0 }))).toBe('wait');
    expect(decidePlay(seen({ ingest, sinceFirstMs: PATIENCE_MS }))).toBe('play');
  });

  it('plays once everything that was found is listed and no more comes', () => {
    expect(decidePlay(seen({ unchangedMs: SETTLED_MS - 1 }))).toBe('wait');
    expect(decidePlay(seen({ unchangedMs: SETTLED_MS }))).toBe('play');
    expect(decidePlay(seen({ ingest: { isRunning: false, found: 4, failed: 1 } }))).toBe('play');
  });
});

describe('createBoundedLogFile', () => {
  it('keeps at most two files of the size', () => {
    const path = join(folder, 'logs', 'a.log');
    const log = createBoundedLogFile(path, 100);
    for (let line = 0; line < 50; line += 1) log.write(`line ${line} ${'x'.repeat(20)}`);
    expect(statSync(path).size).toBeLessThanOrEqual(130);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(130);
    expect(readFileSync(path, 'utf8')).toContain('line 49');
  });

  it('goes on in a file that is there', () => {
    const path = join(folder, 'a.log');
    createBoundedLogFile(path, 10).write('twelve bytes');
    createBoundedLogFile(path, 10).write('next');
    expect(readFileSync(path, 'utf8')).toBe('next\n');
  });
});

describe('lanAddress', () => {
  const at = (address: string, internal = false): NetworkInterfaceInfo[] => [
    { address, internal, family: 'IPv4', netmask: '', mac: '', cidr: null },
  ];

  it('prefers a real interface, takes a virtual one, and falls back to loopback', () => {
    expect(lanAddress({ lo: at('127.0.0.1', true), docker0: at('172.17.0.1'), eth0: at('10.0.0.5') })).toBe('10.0.0.5');
    expect(lanAddress({ lo: at('127.0.0.1', true), docker0: at('172.17.0.1') })).toBe('172.17.0.1');
    expect(lanAddress({ lo: at('127.0.0.1', true) })).toBe('127.0.0.1');
  });
});

describe('ports', () => {
  it('knows a taken port and takes the next', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await isPortFree(port)).toBe(false);
    expect(await firstFreePort(port)).toBeGreaterThan(port);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
  });
});

describe('HouseholdScreen', () => {
  const ingest = (done: number, isRunning = true) => ({
    isRunning,
    folder: null,
    found: 20,
    done,
    failed: 0,
    failures: [],
  });
  const show = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, screen: new HouseholdScreen({ isTTY, columns: 80, write: (text) => written.push(text) }) };
  };

  it('writes a line for each tenth into a log', () => {
    const { written, screen } = show(false);
    for (let done = 0; done <= 20; done += 1) screen.progress(ingest(done));
    expect(written).toHaveLength(11);
    expect(written.join('')).not.toContain('\u001b');
  });

  it('writes over one line on a terminal, and clears it before it says something', () => {
    const { written, screen } = show(true);
    screen.progress(ingest(1));
    screen.progress(ingest(2));
    screen.say('done');
    expect(written.join('').split('\n')).toHaveLength(2);
    expect(written.at(-1)).toBe('done\n');
    expect(written.at(-2)).toBe('\r\u001b[2K');
  });

  it('shows the address as text and as a code, and how to reach another port', () => {
    expect(renderWelcome('http://10.0.0.5:4747', 4747).join('\n')).toContain('http://10.0.0.5:4747');
    expect(renderWelcome('http://10.0.0.5:4748', 4748).join('\n')).toContain(
      'npx tonearm --bridge http://127.0.0.1:4748',
    );
  });

  it('says plainly that nothing can be heard, and why', () => {
    const problem = { code: 'sink.unavailable' as const, message: 'no sound: no such device' };
    const silent = renderOutput('Kitchen', { output: 'virtual', outputProblem: problem }).join(' ');
    expect(silent).toContain('without a sound (no sound: no such device)');
    expect(renderOutput('Kitchen', { output: 'alsa:default', outputProblem: null }).join(' ')).not.toContain('without');
    expect(renderOutput('Kitchen', { output: 'none', outputProblem: null })).toEqual([]);
  });

  it('lets no tag command the terminal', () => {
    expect(printable('a\u001b[2Jb\nc')).toBe('a·[2Jb·c');
  });
});
