/** What every runner of hook programs must do: the contract of `device/core/ports/hook-runner.ts` as tests. */
import { describe, expect, it } from 'vitest';
import type { HookCall, HookRunner } from '#device/core/ports/hook-runner';
import { ms } from '#protocol/vocabulary/units';

export interface HookRunnerUnderTest {
  readonly runner: HookRunner;
  /** What programs were told, oldest first: each one's `TONEARM_EVENT_CODE` and its line. */
  told(): readonly { readonly code: string; readonly line: string }[];
  end(): Promise<void>;
}

/** What the program does, by `TONEARM_EVENT_CODE`. */
const CODES = { fine: 'fine', fails: 'fails', hangs: 'hangs' } as const;

function call(code: keyof typeof CODES): HookCall {
  return {
    environment: { TONEARM_EVENT: 'error', TONEARM_EVENT_CODE: code },
    line: `{"event":"error","code":"${code}"}`,
  };
}

/** @param create a program that says `it is fine` (exit code 0), says `no` (exit code 3), or hangs, as its event says */
export function hookRunnerSuite(name: string, create: () => Promise<HookRunnerUnderTest>): void {
  describe(`${name} as a runner of hook programs`, () => {
    const using = async (body: (under: HookRunnerUnderTest) => Promise<void>) => {
      const under = await create();
      try {
        await body(under);
      } finally {
        await under.end();
      }
    };

    it('hands over the event, and says how it went', () =>
      using(async ({ runner, told }) => {
        expect(await runner.run(call('fine'), ms(5_000))).toEqual({ kind: 'ended', exitCode: 0, output: 'it is fine' });
        expect(await runner.run(call('fails'), ms(5_000))).toEqual({ kind: 'ended', exitCode: 3, output: 'no' });
        expect(told()).toEqual([
          { code: 'fine', line: '{"event":"error","code":"fine"}' },
          { code: 'fails', line: '{"event":"error","code":"fails"}' },
        ]);
      }));

    it('ends one that takes too long, and can run the next', () =>
      using(async ({ runner }) => {
        expect((await runner.run(call('hangs'), ms(100))).kind).toBe('timedOut');
        expect((await runner.run(call('fine'), ms(5_000))).kind).toBe('ended');
      }));

    it('ends the one that runs when it is closed, and runs none after', () =>
      using(async ({ runner, told }) => {
        const running = runner.run(call('hangs'), ms(60_000));
        await runner.close();
        expect((await running).kind).toBe('timedOut');
        const before = told().length;
        expect((await runner.run(call('fine'), ms(5_000))).kind).toBe('notStarted');
        expect(told()).toHaveLength(before);
        await runner.close();
      }));
  });
}
