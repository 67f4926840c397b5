import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeBridge, judgeMdns, judgeOutput, judgeSpeaker, type RunningSpeaker } from './judge-house.ts';
import { judgeClock, judgeDisk, judgeHeat, judgeMemory, judgeNetwork, judgeSlots, judgeWear } from './judge-machine.ts';
import { REMOVED, redact, secretsIn } from './redact.ts';

const MB = 1024 * 1024;
const SPEAKER: RunningSpeaker = {
  id: 's1',
  name: 'Kitchen',
  version: '0.1.0',
  bridge: 'wss://h:1',
  output: 'alsa:default',
};

describe('what the doctor says of a machine', () => {
  it.each([
    ['failed', judgeClock({ wallMs: 0, isSynchronised: null }), /this is 1970/],
    ['warning', judgeClock({ wallMs: Date.UTC(2026, 5), isSynchronised: false }), /nobody sets it/],
    ['ok', judgeClock({ wallMs: Date.UTC(2026, 5), isSynchronised: true }), /set by the network/],
    ['failed', judgeNetwork({ addresses: [], hasDefaultRoute: false }), /no address/],
    ['failed', judgeNetwork({ addresses: ['169.254.3.4', 'fe80::1'], hasDefaultRoute: false }), /nobody gave it/],
    ['warning', judgeNetwork({ addresses: ['10.0.0.2'], hasDefaultRoute: false }), /no way out/],
    ['ok', judgeNetwork({ addresses: ['10.0.0.2'], hasDefaultRoute: null }), /10\.0\.0\.2/],
    ['failed', disk(3 * MB, 0), /3 MB free at \/d; 0 of 256/],
    ['warning', disk(210 * MB, 0), /210 MB free/],
    ['ok', disk(210 * MB, 200 * MB), /200 of 256 MB of music/],
    ['skipped', judgeWear([]), /no card/],
    ['ok', judgeWear([{ device: 'mmcblk0', tenths: 2 }]), /10 to 20 %/],
    [
      'warning',
      judgeWear([
        { device: 'a', tenths: 1 },
        { device: 'mmcblk0', tenths: 10 },
      ]),
      /mmcblk0 has used 90 to 100 %/,
    ],
    ['failed', judgeWear([{ device: 'mmcblk0', tenths: 11 }]), /beyond the life/],
    ['skipped', judgeHeat({ celsius: null, throttled: null }), /does not tell/],
    ['ok', judgeHeat({ celsius: 51.2, throttled: 0 }), /^51 °C$/],
    ['warning', judgeHeat({ celsius: 76, throttled: null }), /76/],
    ['warning', judgeHeat({ celsius: 50, throttled: 0x50000 }), /since it was started/],
    ['failed', judgeHeat({ celsius: 50, throttled: 0x50005 }), /voltage is too low now/],
    ['failed', judgeHeat({ celsius: 50, throttled: 0x4 }), /slows down/],
    ['failed', judgeMemory({ availableBytes: 20 * MB, residentBytes: 70 * MB }), /the speaker has 70 MB/],
    ['ok', judgeMemory({ availableBytes: 400 * MB, residentBytes: null }), /^400 MB to be had$/],
    ['skipped', judgeSlots(null), /takes no updates/],
    ['ok', judgeSlots(slots({})), /0\.2\.0 runs from slot a/],
    ['failed', judgeSlots(slots({ isWhole: false })), /not what was signed/],
    ['failed', judgeSlots(slots({ keysProblem: 'too few signers' })), /too few signers/],
    ['warning', judgeSlots(slots({ outcome: 'rolled-back' })), /was taken back/],
  ] as const)('%s: %j', (result, check, reason) => {
    expect(check.result).toBe(result);
    expect(check.reason).toMatch(reason);
    // Whatever is wrong, somebody is told what to do.
    expect(check.fix === null).toBe(result === 'ok' || result === 'skipped');
  });

  function disk(freeBytes: number, cacheBytes: number) {
    return judgeDisk({ folder: '/d', freeBytes, cacheLimitBytes: 256 * MB, cacheBytes });
  }
  function slots(change: Partial<Parameters<typeof judgeSlots>[0]>) {
    return { slot: 'a', version: '0.2.0', isWhole: true, outcome: 'good', keysProblem: null, ...change } as const;
  }
});

describe('what the doctor says of the house', () => {
  const refusedBy = (code: string) => ({ address: 'wss://h:1', problem: { code, message: 'no' } });
  const reached = { address: 'wss://h:2', problem: null };
  const resultsOf = (checks: ReturnType<typeof judgeBridge>) =>
    checks.map(({ check, result }) => `${check}: ${result}`);

  it('tells a bridge that is gone from one that is another, and from one that does not take the speaker in', () => {
    expect(resultsOf(judgeBridge(SPEAKER, true, [reached]))).toEqual(['bridge: ok', 'bridge access: ok']);
    expect(resultsOf(judgeBridge(SPEAKER, true, [refusedBy('connect.unreachable')]))).toEqual(['bridge: failed']);
    expect(resultsOf(judgeBridge(SPEAKER, true, [refusedBy('connect.identity-refused'), reached]))).toEqual([
      'bridge: ok',
      'bridge identity: failed',
      'bridge access: ok',
    ]);
    expect(resultsOf(judgeBridge({ ...SPEAKER, bridge: null }, true, [reached]))).toEqual([
      'bridge: ok',
      'bridge access: failed',
    ]);
    expect(resultsOf(judgeBridge(null, null, []))).toEqual(['bridge: failed']);
    expect(resultsOf(judgeBridge(SPEAKER, false, []))).toEqual(['bridge: warning']);
  });

  it('sees the speaker by its id, not by a name that another may have', () => {
    expect(judgeMdns(SPEAKER, [{ name: 'Kitchen (2)', id: 's1' }]).result).toBe('ok');
    expect(judgeMdns(SPEAKER, [{ name: 'Kitchen', id: 's2' }])).toMatchObject({ result: 'warning' });
    expect(judgeMdns(null, []).result).toBe('skipped');
  });

  it('says when sound goes to nobody', () => {
    expect(judgeOutput({ ...SPEAKER, output: 'virtual' }).result).toBe('failed');
    expect(judgeOutput(SPEAKER).result).toBe('ok');
    expect(judgeSpeaker(null, 'it hangs').reason).toBe('it hangs');
  });
});

describe('a bundle', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 64 }).map((data) => Buffer.from(data));
  const encoding = fc.constantFrom<BufferEncoding>('hex', 'base64', 'base64url');
  const key = fc.tuple(bytes, encoding).map(([data, as]) => data.toString(as));
  const digits = fc.stringMatching(/^[1-9]\d{8}$/);
  const wifi = fc.stringMatching(/^[a-z0-9!#%+]{8,20}$/);

  it('has no key, token, password, pin or code in it, wherever they stand', () => {
    fc.assert(
      fc.property(key, key, digits, wifi, fc.string(), (unknownKey, ownToken, code, password, noise) => {
        // A secret that is a word of the bundle itself cannot be told from it.
        fc.pre(!noise.includes(code) && !REMOVED.includes(password) && !noise.includes(password));
        const shown = `${code.slice(0, 3)} ${code.slice(3, 6)} ${code.slice(6)}`;
        const bundle = {
          noise,
          tlsPin: unknownKey,
          nested: [{ resumeToken: 7 }, { deep: { wifiPassword: [password] } }],
          log: [
            `psk=${password}`,
            `{"password":"${password}"}`,
            `the code is ${shown}, or ${code}`,
            `${noise} ${unknownKey}`,
            `GET / authorization: Bearer ${ownToken}`,
            { event: 'pairing.code', code: shown, minutes: 10 },
            `-----BEGIN PRIVATE KEY-----\n${unknownKey}\n-----END PRIVATE KEY-----`,
          ],
          [ownToken]: 1,
        };
        const text = JSON.stringify(redact(bundle, [ownToken]));
        for (const secret of [unknownKey, ownToken, code, shown, password]) {
          expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
      }),
    );
  });

  it('has none of what this speaker is known to keep, however short and plain it is', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ -~]{6,30}$/), { minLength: 1, maxLength: 5 }), (secrets) => {
        fc.pre(secrets.every((secret) => !REMOVED.includes(secret)));
        const bundle = {
          log: secrets.map((secret) => `it said <${secret}> and went on`),
          text: JSON.stringify(secrets),
        };
        const left = redact(bundle, secrets) as typeof bundle;
        for (const secret of secrets) {
          expect(left.log.join('\n')).not.toContain(`<${secret}>`);
          expect(left.text).not.toContain(JSON.stringify(secret));
        }
      }),
    );
  });

  it('keeps what helps', () => {
    const bundle = {
      dataFolder: '/var/lib/private/tonearm-speaker/with/a/long/way/to/go',
      log: [{ at: '2026-11-22T11:00:00.000Z', event: 'update.refused', code: 'update.expired', bufferedMs: 100 }],
    };
    expect(redact(bundle, ['other secret'])).toEqual(bundle);
  });

  it('knows the secrets in files by the names of their fields', () => {
    expect(secretsIn('{"port":4748,"key":"abcdefgh","deep":{"tlsPin":["x1y2z3"]}}')).toEqual(['abcdefgh', 'x1y2z3']);
    expect(secretsIn('line one\nline two\n')).toContain('line two');
  });
});
