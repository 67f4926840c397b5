import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { household, session, speaker, track } from '../household.fixture.ts';
import { createIngestProgress } from './ingest-progress.ts';
import { printable } from './printable.ts';
import { renderDevices } from './render-devices.ts';
import { renderStatus } from './render-status.ts';

const PLAIN = pc.createColors(false);
const KITCHEN = speaker('Kitchen', { isActive: true });
const PLAYING = session({
  activeSpeakerId: KITCHEN.id,
  playback: 'playing',
  track: track('So What'),
  positionMs: ms(60_000),
  next: [track('Blue in Green')],
});

function status(ageMs: number, changes = {}): string[] {
  const view = household({ speakers: [KITCHEN], session: { ...PLAYING, ...changes } });
  return renderStatus(view, { ageMs: ms(ageMs), columns: 80, colours: PLAIN });
}

describe('status', () => {
  it('carries the position on while music plays, not while it is paused, and not past the end', () => {
    expect(status(5_400)[2]).toMatch(/1:05 \/ 5:00$/);
    expect(status(5_400, { playback: 'paused' })[2]).toMatch(/1:00 \/ 5:00$/);
    expect(status(999_000)[2]).toMatch(/━ 5:00 \/ 5:00$/);
  });

  it('fits the width it is given', () => {
    const view = household({ speakers: [KITCHEN], session: PLAYING });
    const bar = renderStatus(view, { ageMs: ms(0), columns: 40, colours: PLAIN })[2] ?? '';
    expect(bar.length).toBeLessThanOrEqual(40);
    expect(bar.length).toBeGreaterThan(30);
  });

  it('shows a title that holds escape sequences as harmless text', () => {
    const lines = status(0, { track: track('\u001b[2J\u001b]0;owned\u0007title\u202e') });
    expect(lines[0]).toBe('▶ \ufffd[2J\ufffd]0;owned\ufffdtitle\ufffd');
  });

  it('says why the last track was not heard', () => {
    const problem = { code: 'fetch.unreachable' as const, message: 'the bridge is gone' };
    expect(status(0, { problem }).join('\n')).toContain('the bridge is gone (fetch.unreachable)');
  });
});

describe('devices', () => {
  it('lines the columns up and names a speaker without sound', () => {
    const problem = { code: 'sink.unavailable' as const, message: 'device busy' };
    const attic = speaker('Attic', { isOnline: false, status: null });
    const status = KITCHEN.status === null ? null : { ...KITCHEN.status, outputProblem: problem };
    expect(renderDevices([{ ...KITCHEN, status }, attic], PLAIN)).toEqual([
      '● Kitchen  active   volume 40  virtual  Kitchen-',
      '  no sound: device busy (sink.unavailable)',
      '· Attic    offline                      Attic-00',
    ]);
  });

  it('says what to do when there are none', () => {
    expect(renderDevices([], PLAIN)[0]).toContain('tonearm speaker');
  });
});

describe('ingest progress', () => {
  const view = (done: number, failed = 0) => ({ isRunning: true, folder: '/m', found: 40, done, failed, failures: [] });

  function written(isTty: boolean, dones: readonly number[]): string {
    let text = '';
    const write = (piece: string) => {
      text += piece;
    };
    const stderr = { isTty, columns: () => 80, write };
    const progress = createIngestProgress({ stderr, isJson: false, isQuiet: false });
    for (const done of dones) progress.show(view(done));
    progress.end();
    return text;
  }

  it('is a line per tenth where there is no terminal', () => {
    expect(written(false, [0, 1, 4, 5, 6, 7, 20, 40, 40])).toBe(
      '10 % (4 of 40 files)\n50 % (20 of 40 files)\n100 % (40 of 40 files)\n',
    );
  });

  it('is one line, drawn over and cleared, on a terminal', () => {
    const text = written(true, [0, 20]);
    expect(text).not.toContain('\n');
    expect(text).toContain(`${'█'.repeat(14)}${'░'.repeat(14)} 20 of 40 files`);
    expect(text.endsWith('\r\u001b[K')).toBe(true);
  });
});

describe('printable', () => {
  it('leaves letters of every script alone', () => {
    expect(printable('Björk, 坂本龍一, مرحبا 🎧')).toBe('Björk, 坂本龍一, مرحبا 🎧');
    expect(printable('a\nb\tc\u009bd')).toBe('a\ufffdb\ufffdc\ufffdd');
  });
});
