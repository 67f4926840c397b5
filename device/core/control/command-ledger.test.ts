import { describe, expect, it } from 'vitest';
import {
  ANSWERS_REMEMBERED_MAX,
  createCommandLedger,
  PERFORMED_REMEMBERED_MAX,
} from '#device/core/control/command-ledger';
import { commandId, trackId } from '#protocol/vocabulary/ids';
import { frames, ms, percent } from '#protocol/vocabulary/units';
import type { Command, CommandBody, Outcome } from '#protocol/wire/command';

const ACCEPTED: Outcome = { kind: 'accepted', revision: 1 };
const PLAY: CommandBody = {
  kind: 'play',
  contextUri: null,
  trackIds: [trackId('a'.repeat(22))],
  index: 0,
  positionMs: ms(0),
};

function command(body: CommandBody, part: { id?: string; epoch?: number; deadlineMs?: number } = {}): Command {
  const { id = 'command-1', epoch = 0, deadlineMs = 1_000 } = part;
  return { kind: 'command', id: commandId(id), epoch, deadlineMs: ms(deadlineMs), body };
}

describe('the ledger of commands', () => {
  it('performs a command once, and answers it the same ever after', () => {
    const ledger = createCommandLedger();
    const next = command({ kind: 'next' });
    expect(ledger.admit(next)).toEqual({ kind: 'perform', deadline: 1_000 });
    expect(ledger.admit(next)).toEqual({ kind: 'pending' });
    ledger.answered(next.id, ACCEPTED);
    expect(ledger.admit(next)).toEqual({ kind: 'answered', outcome: ACCEPTED });
    // Also after the epoch has gone on: it was done, and saying otherwise would be a lie.
    ledger.adoptEpoch(9);
    expect(ledger.admit(next)).toEqual({ kind: 'answered', outcome: ACCEPTED });
  });

  it('tells the process after it what was done or is being done, and nothing that was not', () => {
    const ledger = createCommandLedger();
    const ask = (id: string): Command => {
      const asked = command({ kind: 'next' }, { id });
      ledger.admit(asked);
      return asked;
    };
    ledger.answered(ask('command-done').id, ACCEPTED);
    ledger.answered(ask('command-refused').id, {
      kind: 'refused',
      error: { code: 'session.not-playing', message: 'no' },
    });
    ledger.answered(ask('command-released').id, { kind: 'accepted', revision: 3, session: null });
    ask('command-under-way');
    expect(ledger.performed()).toEqual(['command-done', 'command-under-way']);
    const next = createCommandLedger();
    next.restore(ledger.performed());
    expect(next.admit(command({ kind: 'next' }, { id: 'command-done' })).kind).toBe('answered');
    expect(next.admit(command({ kind: 'next' }, { id: 'command-under-way' })).kind).toBe('answered');
    expect(next.admit(command({ kind: 'next' }, { id: 'command-refused' })).kind).toBe('perform');
    for (let more = 0; more < 2 * PERFORMED_REMEMBERED_MAX; more += 1) ask(`command-more-${more}`);
    expect(ledger.performed()).toHaveLength(PERFORMED_REMEMBERED_MAX);
    expect(ledger.performed().at(-1)).toBe(`command-more-${2 * PERFORMED_REMEMBERED_MAX - 1}`);
  });

  it('remembers a bounded number of answers, the newest', () => {
    const ledger = createCommandLedger();
    for (let index = 0; index <= ANSWERS_REMEMBERED_MAX; index += 1) {
      const next = command({ kind: 'next' }, { id: `command-${index}` });
      ledger.admit(next);
      ledger.answered(next.id, ACCEPTED);
    }
    expect(ledger.admit(command({ kind: 'next' }, { id: 'command-1' })).kind).toBe('answered');
    expect(ledger.admit(command({ kind: 'next' }, { id: 'command-0' })).kind).toBe('perform');
  });

  it('fences off what is of an older epoch, but for the volume', () => {
    const ledger = createCommandLedger();
    ledger.raiseEpoch(command(PLAY, { epoch: 5 }));
    expect(ledger.admit(command(PLAY, { epoch: 4 }))).toEqual({
      kind: 'answered',
      outcome: { kind: 'superseded', epoch: 5 },
    });
    const volume = command({ kind: 'setVolume', volume: percent(1) }, { id: 'command-2', epoch: 4 });
    expect(ledger.admit(volume).kind).toBe('perform');
    expect(ledger.admit(command({ kind: 'pause' }, { id: 'command-3', epoch: 5 })).kind).toBe('perform');
  });

  it.each<[CommandBody, number]>([
    [PLAY, 7],
    [{ kind: 'commit', positionFrames: frames(0), isPlaying: true }, 7],
    [{ kind: 'release' }, 7],
    [{ kind: 'pause' }, 0],
    [{ kind: 'setVolume', volume: percent(1) }, 0],
  ])('goes into a newer epoch only by what decides who the writer is: %j', (body, epoch) => {
    const ledger = createCommandLedger();
    ledger.raiseEpoch(command(body, { epoch: 7 }));
    expect(ledger.epoch()).toBe(epoch);
  });

  it('takes the bridge’s word in a welcome, also for an older epoch', () => {
    const ledger = createCommandLedger();
    ledger.adoptEpoch(9);
    ledger.adoptEpoch(2);
    expect(ledger.epoch()).toBe(2);
  });

  it('refuses what nobody waits for, and waits for nobody for ever', () => {
    const ledger = createCommandLedger();
    expect(ledger.admit(command(PLAY, { deadlineMs: 0 }))).toMatchObject({
      kind: 'answered',
      outcome: { error: { code: 'session.deadline-passed' } },
    });
    const patient = command(PLAY, { id: 'command-2', deadlineMs: 1e300 });
    expect(ledger.admit(patient)).toEqual({ kind: 'perform', deadline: 60_000 });
  });
});
