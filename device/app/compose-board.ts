/**
 * What a speaker has to do with its board besides sound: a program that is told of events, buttons, a light. Loaded only
 * where one of them is asked for, and none of it is needed for anything that is heard.
 */
import { readFileSync } from 'node:fs';
import { createGpioButtonPanel, type GpioPlace } from '#device/adapters/gpio-tools/gpio-button-panel';
import { createGpioStatusLight } from '#device/adapters/gpio-tools/gpio-status-light';
import { createProgramHookRunner } from '#device/adapters/program-hook-runner/program-hook-runner';
import { type BoardLines, parseBoardLines } from '#device/core/control/buttons/board-lines';
import type { ButtonAction } from '#device/core/control/buttons/button-actions';
import { type Buttons, createButtons } from '#device/core/control/buttons/buttons';
import { LIGHT_PATTERNS, type LightState, lightStateOf } from '#device/core/control/buttons/light-patterns';
import { createHooks, type Hooks } from '#device/core/control/hooks/hooks';
import {
  eventsBetween,
  factsOf,
  followFacts,
  quietFacts,
  type SpeakerFacts,
} from '#device/core/control/hooks/speaker-facts';
import type { Device } from '#device/core/device';
import type { DeviceWatcher } from '#device/core/ports/device-watcher';
import type { StatusLight } from '#device/core/ports/status-light';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerConfig } from './config.ts';

/** In these the plug should stay in. */
const UPDATING: ReadonlySet<string> = new Set(['testing', 'switching', 'leaving']);

/** What buttons ask besides what phones ask, and what the light shows besides what the device knows. */
export interface BoardHouse {
  device(): Device | null;
  isOwned(): boolean;
  openPairing(): void;
  reset(): void;
}

export interface BoardPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Kills a group of processes, by its leader's id. */
  readonly endGroup: (pid: number) => void;
}

export interface ComposedBoard extends DeviceWatcher {
  codeShown(code: string): void;
  updateIs(state: string): void;
  /** Buttons act and the light shows more than that it starts, from now on. */
  ready(): void;
  /** Twice is harmless. */
  stop(): Promise<void>;
}

/** Begins to show that the speaker starts. @throws TonearmError `config.invalid` that names file and field */
export function composeBoard(config: SpeakerConfig, ports: BoardPorts, house: BoardHouse): ComposedBoard {
  const { clock, logger, env, endGroup } = ports;
  const hooks =
    config.hook === null
      ? null
      : createHooks(
          { runner: createProgramHookRunner({ clock, endGroup }, config.hook, env), logger },
          { name: config.name },
        );
  const lines = config.buttonsFile === null ? null : readLines(config.buttonsFile);
  const place = lines === null ? null : { chip: lines.chip, tools: env['TONEARM_GPIO_TOOLS'] ?? null };
  const buttons = lines === null || place === null ? null : buttonsOf(lines, place, ports, house);
  const light = place === null || !lines?.light ? null : createGpioStatusLight({ clock, logger }, place, lines.light);
  return new Board({ hooks, buttons, light }, house);
}

function readLines(path: string): BoardLines {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TonearmError('config.invalid', `${path} cannot be read`, { field: '--buttons', cause });
  }
  const lines = parseBoardLines(text, path);
  if (!lines.ok) throw lines.error;
  return lines.value;
}

function buttonsOf(lines: BoardLines, place: GpioPlace, ports: BoardPorts, house: BoardHouse): Buttons | null {
  if (lines.buttons.length === 0) return null;
  const panel = createGpioButtonPanel(place, lines.buttons);
  const functions = lines.buttons.map((button) => button.function);
  const now = () => {
    const view = house.device()?.view();
    const kind = view?.session?.playback.kind ?? 'stopped';
    return { isPlaying: kind === 'playing' || kind === 'buffering', volume: view?.speaker.volume ?? 0 };
  };
  return createButtons({ ...ports, panel }, functions, { now, asked: (action) => perform(action, house) });
}

function perform(action: ButtonAction, house: BoardHouse): void {
  if (action.kind === 'command') house.device()?.perform(action.body);
  else if (action.kind === 'openPairing') house.openPairing();
  else house.reset();
}

interface BoardParts {
  readonly hooks: Hooks | null;
  readonly buttons: Buttons | null;
  readonly light: StatusLight | null;
}

class Board implements ComposedBoard {
  readonly #parts: BoardParts;
  readonly #house: BoardHouse;
  #facts: SpeakerFacts | null = null;
  #shown: LightState | null = null;
  #isReady = false;
  #isUpdating = false;

  constructor(parts: BoardParts, house: BoardHouse) {
    this.#parts = parts;
    this.#house = house;
    this.#showLight();
  }

  changed(): void {
    const view = this.#house.device()?.view();
    if (view === undefined) return;
    const now = factsOf(view);
    const before = this.#facts ?? quietFacts(now.volume);
    for (const event of eventsBetween(before, now)) this.#parts.hooks?.tell(event);
    this.#facts = followFacts(before, now);
    this.#showLight();
  }

  codeShown(code: string): void {
    this.#parts.hooks?.tell({ event: 'pairing-code', code });
    this.#showLight();
  }

  updateIs(state: string): void {
    this.#isUpdating = UPDATING.has(state);
    this.#parts.hooks?.tell({ event: 'update', state });
    this.#showLight();
  }

  ready(): void {
    this.#isReady = true;
    this.changed();
    this.#parts.buttons?.start();
  }

  async stop(): Promise<void> {
    const { hooks, buttons, light } = this.#parts;
    await Promise.all([hooks?.stop(), buttons?.stop(), light?.close()]);
  }

  #showLight(): void {
    if (this.#parts.light === null) return;
    const view = this.#house.device()?.view();
    const playback = view?.session?.playback.kind;
    const state = lightStateOf({
      isReady: this.#isReady,
      isOwned: this.#house.isOwned(),
      isConnected: view?.connection.kind === 'connected',
      isPlaying: playback === 'playing' || playback === 'buffering',
      isUpdating: this.#isUpdating,
      hasProblem: (view?.speaker.outputProblem ?? null) !== null,
    });
    if (state === this.#shown) return;
    this.#shown = state;
    this.#parts.light.show(LIGHT_PATTERNS[state]);
  }
}
