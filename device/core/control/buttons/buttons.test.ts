import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { VirtualButtonPanel } from '#sim/board/virtual-button-panel';
import { VirtualStatusLight } from '#sim/board/virtual-status-light';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { BUTTON_FUNCTIONS, parseBoardLines } from './board-lines.ts';
import { type ButtonAction, RESET_AFTER_MS } from './button-actions.ts';
import { DEBOUNCE_MS } from './button-press.ts';
import { createButtons } from './buttons.ts';
import { LIGHT_PATTERNS, LIGHT_STEP_MIN_MS, lightStateOf } from './light-patterns.ts';

function rig() {
  const clock = new VirtualClock();
  const panel = new VirtualButtonPanel();
  const asked: ButtonAction[] = [];
  const now = { isPlaying: false, volume: 40 };
  const ports = { clock, random: new SeededRandom(1), logger: silentLogger, panel };
  const view = { now: () => now, asked: (action: ButtonAction) => asked.push(action) };
  const buttons = createButtons(ports, BUTTON_FUNCTIONS, view);
  buttons.start();
  const edge = (name: (typeof BUTTON_FUNCTIONS)[number], isPressed: boolean) =>
    panel.edge(BUTTON_FUNCTIONS.indexOf(name), isPressed);
  const hold = async (name: (typeof BUTTON_FUNCTIONS)[number], lastsMs: number) => {
    edge(name, true);
    await clock.advance(ms(lastsMs));
    edge(name, false);
    await clock.advance(ms(1_000));
  };
  const kinds = () => asked.map((it) => (it.kind === 'command' ? it.body.kind : it.kind));
  return { clock, panel, asked, now, buttons, edge, hold, kinds };
}

describe('buttons', () => {
  it('ask once for each press, however the contact bounces', async () => {
    const bounces = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(bounces, bounces, async (down, up) => {
        const { clock, edge, kinds } = rig();
        const bounce = async (waits: readonly number[], last: boolean) => {
          for (const wait of waits) {
            edge('next', last);
            edge('next', !last);
            await clock.advance(ms(wait));
          }
          edge('next', last);
          await clock.advance(ms(150));
        };
        await bounce(down, true);
        expect(kinds()).toEqual(['next']);
        await bounce(up, false);
        expect(kinds()).toEqual(['next']);
      }),
      { numRuns: 50 },
    );
  });

  it('ask nothing for what is shorter than a contact settles', async () => {
    const { hold, kinds } = rig();
    await hold('next', DEBOUNCE_MS - 5);
    expect(kinds()).toEqual([]);
  });

  it('pause what plays and go on with what does not', async () => {
    const { hold, now, kinds } = rig();
    await hold('play-pause', 100);
    now.isPlaying = true;
    await hold('play-pause', 5_000);
    expect(kinds()).toEqual(['resume', 'pause']);
  });

  it('turn the volume on while they are held, up to its end', async () => {
    const { hold, now, asked } = rig();
    await hold('volume-up', 1_000);
    const volumes = asked.map((it) => it.kind === 'command' && it.body.kind === 'setVolume' && it.body.volume);
    expect(volumes).toEqual([45, 45, 45, 45]);
    now.volume = 98;
    await hold('volume-up', 100);
    now.volume = 3;
    await hold('volume-down', 100);
    expect(asked.slice(4)).toEqual([
      { kind: 'command', body: { kind: 'setVolume', volume: 100 } },
      { kind: 'command', body: { kind: 'setVolume', volume: 0 } },
    ]);
  });

  it('reset after ten seconds, once, and not a moment before', async () => {
    const { hold, kinds } = rig();
    await hold('reset', RESET_AFTER_MS - 100);
    expect(kinds()).toEqual([]);
    await hold('reset', RESET_AFTER_MS + 20_000);
    expect(kinds()).toEqual(['reset']);
  });

  it('do not reset what was let go while nobody listened', async () => {
    const { clock, panel, edge, kinds } = rig();
    edge('reset', true);
    await clock.advance(ms(9_000));
    panel.lose('it was killed');
    await clock.advance(ms(120_000));
    expect(kinds()).toEqual([]);
    expect(panel.listenings).toBe(2);
    edge('pair', true);
    await clock.advance(ms(100));
    expect(kinds()).toEqual(['openPairing']);
  });

  it('leave no timer when they are stopped', async () => {
    const { clock, buttons, edge, kinds } = rig();
    edge('reset', true);
    await clock.advance(ms(1_000));
    await buttons.stop();
    await clock.advance(ms(60_000));
    expect(kinds()).toEqual([]);
    expect(clock.timers()).toEqual([]);
  });
});

describe('the file of a board', () => {
  const text = (value: unknown) => JSON.stringify(value);
  const right = {
    chip: 'gpiochip0',
    buttons: [{ line: 17, function: 'next' }],
    light: { line: 27, activeLow: true },
  };

  it('is taken when it is right', () => {
    expect(parseBoardLines(text(right), 'b.json')).toEqual({
      ok: true,
      value: {
        chip: 'gpiochip0',
        buttons: [{ line: 17, isActiveLow: true, function: 'next' }],
        light: { line: 27, isActiveLow: true },
      },
    });
  });

  it.each([
    ['not JSON', '{', /b\.json: is not JSON/],
    [
      'another function',
      text({ ...right, buttons: [{ line: 1, function: 'dance' }] }),
      /b\.json: .*buttons\.0\.function/,
    ],
    ['a path for a chip', text({ ...right, chip: '/dev/gpiochip0' }), /b\.json: .*chip/],
    ['a line twice', text({ ...right, light: { line: 17 } }), /b\.json: line 17 is named twice/],
    ['a word that is none', text({ ...right, lamp: { line: 1 } }), /b\.json: lamp is none of chip, buttons, light/],
    [
      'a word of a button',
      text({ ...right, buttons: [{ line: 1, does: 'next' }] }),
      /b\.json: buttons\.0\.does is none/,
    ],
  ])('is refused by name: %s', (_, given, message) => {
    const parsed = parseBoardLines(given, 'b.json');
    const error = parsed.ok ? null : parsed.error;
    expect(error).toBeInstanceOf(TonearmError);
    expect(error?.code).toBe('config.invalid');
    expect(error?.message).toMatch(message);
  });
});

describe('the light', () => {
  const well = {
    isReady: true,
    isOwned: true,
    isConnected: true,
    isPlaying: false,
    isUpdating: false,
    hasProblem: false,
  };

  it('shows what somebody has to do something about before what is only to be known', () => {
    expect(lightStateOf(well)).toBe('idle');
    expect(lightStateOf({ ...well, isPlaying: true })).toBe('playing');
    expect(lightStateOf({ ...well, isPlaying: true, isConnected: false })).toBe('no-bridge');
    expect(lightStateOf({ ...well, isOwned: false, isConnected: false })).toBe('needs-pairing');
    expect(lightStateOf({ ...well, hasProblem: true, isOwned: false })).toBe('error');
    expect(lightStateOf({ ...well, hasProblem: true, isReady: false })).toBe('booting');
    expect(lightStateOf({ ...well, hasProblem: true, isUpdating: true })).toBe('updating');
  });

  it('has a rhythm of its own for each state, slow enough to be seen', async () => {
    const seen = new Set<string>();
    for (const pattern of Object.values(LIGHT_PATTERNS)) {
      for (const { lasts } of pattern) expect(lasts).toBeGreaterThanOrEqual(LIGHT_STEP_MIN_MS);
      const clock = new VirtualClock();
      const light = new VirtualStatusLight(clock);
      light.show(pattern);
      let rhythm = '';
      for (let at = 0; at < 40; at += 1) {
        rhythm += light.isOn ? '#' : '.';
        await clock.advance(ms(100));
      }
      await light.close();
      seen.add(rhythm);
    }
    expect(seen.size).toBe(Object.keys(LIGHT_PATTERNS).length);
  });
});
