import { describe, expect, it } from 'vitest';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { cohortOf } from '#protocol/kit/cohort';
import type { ErrorCode } from '#protocol/vocabulary/errors';
import type { UpdateOffer } from '#protocol/wire/update';
import type { TrustedState } from '#protocol/wire/update-records';
import { DAY_MS, hashing, RELEASED_AT_MS, ReleaseMaker, versionOf } from '#sim/updates/release-maker';
import { judgeOffer, type Machine, type Moment } from './judge-offer.ts';
import { firstTrust, readTrust } from './trusted-state.ts';

const maker = new ReleaseMaker();
const [one, two, three] = [1, 2, 3].map((seq) => maker.make(seq, new Uint8Array(70_000).fill(seq))) as [
  ReturnType<ReleaseMaker['make']>,
  ReturnType<ReleaseMaker['make']>,
  ReturnType<ReleaseMaker['make']>,
];
const trusted = firstTrust(maker.root, 1);
const machine: Machine = {
  ...{
    id: 'kitchen',
    arch: 'x64',
    hardware: ['acme,board-2', 'acme,board'],
    channel: 'stable',
    glibc: '2.36',
    base: 1,
  },
};
const moment: Moment = {
  ...{
    running: versionOf(one),
    wallMs: RELEASED_AT_MS + DAY_MS,
    freeBytes: 1e9,
    bad: [],
    isStaged: true,
    oldestSeq: null,
  },
};
const checks = { check: ed25519Check, sha256: hashing.ofText };

interface Case {
  readonly offer?: UpdateOffer;
  readonly trusted?: Partial<TrustedState>;
  readonly machine?: Partial<Machine>;
  readonly moment?: Partial<Moment>;
}

const judge = (it: Case) =>
  judgeOffer(
    checks,
    it.offer ?? two.offer,
    { ...trusted, ...it.trusted },
    { ...machine, ...it.machine },
    { ...moment, ...it.moment },
  );
const codeOf = (it: Case) => {
  const verdict = judge(it);
  return verdict.kind === 'refused' ? verdict.error.code : verdict.kind;
};
const made = (change: Parameters<ReleaseMaker['make']>[2]) => maker.make(2, two.content, change).offer;

describe('an update is taken or refused', () => {
  it('taken when it is signed, newer, fresh, fitting, and its turn', () => {
    expect(codeOf({})).toBe('accepted');
    expect(codeOf({ offer: made({ hardware: ['acme,board'] }) })).toBe('accepted');
  });

  it.each<[string, ErrorCode | 'current', Case]>([
    ['signed by a stranger', 'update.bad-signature', { offer: new ReleaseMaker().make(2, two.content).offer }],
    ['of another architecture', 'update.wrong-board', { machine: { arch: 'arm64' } }],
    ['for another board', 'update.wrong-board', { offer: made({ hardware: ['acme,board-9'] }) }],
    ['of another channel', 'update.wrong-board', { offer: made({ channel: 'beta' }) }],
    ['older than one that was seen', 'update.old-sequence', { trusted: { highestSeq: 3 } }],
    ['no longer fresh', 'update.expired', { moment: { wallMs: RELEASED_AT_MS + 31 * DAY_MS } }],
    ['looked at in 1970', 'update.clock-unset', { moment: { wallMs: 3_000 } }],
    ['one that has failed here', 'update.marked-bad', { moment: { bad: [two.manifest.artifact.sha256] } }],
    [
      'for a newer C library',
      'update.system-too-old',
      { offer: made({ requires: { ...two.manifest.requires, glibc: '2.40' } }) },
    ],
    ['for another C library', 'update.system-too-old', { machine: { glibc: null } }],
    ['for a newer package', 'update.system-too-old', { machine: { base: 0 } }],
    ['not to be reached in one step', 'update.system-too-old', { offer: made({ minSeq: 2 }) }],
    ['too large for the disk', 'update.no-space', { moment: { freeBytes: 70_000 } }],
    ['not for this speaker yet', 'update.held-back', { offer: made({ rollout: { percent: 0, seed: 's' } }) }],
    ['what runs already', 'current', { offer: one.offer }],
  ])('%s: %s', (_, code, it) => {
    expect(codeOf(it)).toBe(code);
  });

  it('takes what was brought whose turn it is not', () => {
    expect(codeOf({ offer: made({ rollout: { percent: 0, seed: 's' } }), moment: { isStaged: false } })).toBe(
      'accepted',
    );
  });

  it('takes an older one than was seen where a person at the machine says so, down to the package’s own', () => {
    const seen = { highestSeq: 3 };
    expect(codeOf({ trusted: seen, moment: { oldestSeq: 1 } })).toBe('accepted');
    expect(codeOf({ trusted: seen, moment: { oldestSeq: 3 } })).toBe('update.old-sequence');
    const verdict = judge({ trusted: seen, moment: { oldestSeq: 1 } });
    // Nobody else may send it back there.
    expect(verdict.trusted.highestSeq).toBe(3);
  });

  it('goes on taking what a stamp makes fresh, and only that', () => {
    const late = { wallMs: RELEASED_AT_MS + 40 * DAY_MS };
    expect(codeOf({ offer: maker.stamp(two, RELEASED_AT_MS + 60 * DAY_MS), moment: late })).toBe('accepted');
    const forged = maker.stamp(two, RELEASED_AT_MS + 60 * DAY_MS, maker.releaseKey);
    expect(codeOf({ offer: forged, moment: late })).toBe('update.expired');
  });

  it('has nothing opened again by a clock that is set back', () => {
    const learnt = judge({
      offer: maker.make(3, three.content, {
        createdMs: RELEASED_AT_MS + 50 * DAY_MS,
        expiresMs: RELEASED_AT_MS + 51 * DAY_MS,
      }).offer,
      moment: { wallMs: RELEASED_AT_MS + 60 * DAY_MS },
    });
    expect(learnt.trusted.floorMs).toBe(RELEASED_AT_MS + 50 * DAY_MS);
    // The clock shows a day on which the old one was fresh, but the speaker knows of a later one.
    const { floorMs } = learnt.trusted;
    expect(codeOf({ trusted: { floorMs } })).toBe('update.clock-unset');
    expect(codeOf({ trusted: { floorMs }, moment: { wallMs: floorMs } })).toBe('update.expired');
  });

  it('remembers the highest sequence that it has seen, also of one that it refuses', () => {
    const seen = judge({ offer: three.offer, moment: { freeBytes: 0 } });
    expect(seen.trusted.highestSeq).toBe(3);
    expect(codeOf({ trusted: seen.trusted })).toBe('update.old-sequence');
  });

  it('learns nothing from what is not signed', () => {
    const verdict = judge({ offer: new ReleaseMaker().make(9, two.content).offer });
    expect(verdict.trusted).toEqual(trusted);
  });

  it('is among the first so many of a hundred as often as that', () => {
    const ids = Array.from({ length: 4_000 }, (_, index) => `speaker-${index}`);
    const early = ids.filter((id) => cohortOf(hashing.ofText, '0.2.0', id) < 10).length;
    expect(early).toBeGreaterThan(300);
    expect(early).toBeLessThan(500);
    const others = ids.filter((id) => cohortOf(hashing.ofText, '0.3.0', id) < 10);
    expect(others.filter((id) => cohortOf(hashing.ofText, '0.2.0', id) < 10).length).toBeLessThan(100);
  });
});

describe('what is trusted', () => {
  it('is begun anew from the package where it is damaged, and never below what runs', () => {
    expect(readTrust('{"format"', maker.root, 7).highestSeq).toBe(7);
    expect(readTrust(JSON.stringify({ ...trusted, highestSeq: 5 }), maker.root, 7).highestSeq).toBe(7);
    expect(readTrust(JSON.stringify({ ...trusted, highestSeq: 9 }), maker.root, 7).highestSeq).toBe(9);
  });

  it('takes the package’s root where that is newer', () => {
    const next = { ...maker.root, version: 2 };
    expect(readTrust(JSON.stringify(trusted), next, 1).root.version).toBe(2);
    expect(readTrust(JSON.stringify({ ...trusted, root: next }), maker.root, 1).root.version).toBe(2);
  });
});
