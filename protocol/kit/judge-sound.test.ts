import { describe, expect, it } from 'vitest';
import { judgeSound, type SoundTestLine } from './judge-sound.ts';

const FIXES = { device: 'try another device', addon: 'build the addons' };
const PLAYS: SoundTestLine = {
  verdict: 'plays',
  sink: 'pulse',
  problem: null,
  openMs: 7,
  rateHz: 48_000,
  sampleBits: 24,
  bufferMs: 100,
  canRewind: true,
  speed: 1.001,
  underruns: 0,
};

describe('what the doctor says of a sound test', () => {
  it('tells what was granted when it plays', () => {
    const { result, reason } = judgeSound(PLAYS, FIXES);
    expect(result).toBe('ok');
    expect(reason).toContain('pulse played two notes');
    expect(reason).toContain(
      '48000 Hz, 24 bits; 100 ms of buffer, changes are heard at once; opened in 7 ms; no underruns',
    );
  });

  it.each([
    [
      { verdict: 'silent', sink: 'virtual', problem: 'no such device' },
      'failed',
      /nobody hears virtual: no such device/,
    ],
    [{ verdict: 'silent', problem: 'hw:0: Device or resource busy' }, 'ok', /in use, by a speaker/],
    [{ verdict: 'does-not-open', problem: 'no such file' }, 'failed', /^no such file$/],
    [{ verdict: 'does-not-move', speed: 0 }, 'failed', /stands still/],
    [{ verdict: 'does-not-move', speed: null }, 'failed', /swallows sound at once: a silent null device/],
    [{ verdict: 'does-not-move', speed: 0.5 }, 'failed', /50 % of its speed/],
    [{ verdict: 'lost', problem: 'unplugged' }, 'failed', /went away while it played: unplugged/],
  ] as const)('says of %j: %s', (change, result, reason) => {
    const said = judgeSound({ ...PLAYS, ...change }, FIXES);
    expect(said.result).toBe(result);
    expect(said.reason).toMatch(reason);
    expect(said.fix === null).toBe(result === 'ok');
  });

  it('counts what was not played in time', () => {
    expect(judgeSound({ ...PLAYS, underruns: 3, canRewind: false }, FIXES).reason).toContain(
      'after the buffer; opened in 7 ms; 3 underruns',
    );
  });
});
