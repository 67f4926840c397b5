/**
 * What the bridge counts of its house: sockets, reconnects, commands, refused pairings. Labels are ours, and each
 * list of them is closed, so that what is kept does not grow. Each name is explained in `cloud-bridge/README.md`.
 */
import { CLOSE_CODES } from '#protocol/ports/transport';
import type { ErrorCode } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Ms } from '#protocol/vocabulary/units';
import type { HouseMeter, SocketKind } from '../../ports/house-meter.ts';
import type { PhoneRequest } from '../../ports/household.ts';
import type { Metric } from '../content/prometheus-text.ts';
import { Histogram } from './histogram.ts';

/** Seconds. The figure to reach for is 1 ms; a hand-over takes seconds. */
const COMMAND_BOUNDS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Speakers of which it is remembered how their last link ended. */
const ENDINGS_MAX = 20_000;
/** The socket ended without a close frame (RFC 6455 section 7.1.5). */
const NO_CLOSE_FRAME = 1006;

const REASON_BY_CODE: ReadonlyMap<number, string> = new Map([
  ...Object.entries(CLOSE_CODES).map(([name, code]) => [code, name] as const),
  [NO_CLOSE_FRAME, 'lost'],
]);

export class HouseCounts implements HouseMeter {
  readonly #sockets = new Map<SocketKind, number>([
    ['speaker', 0],
    ['phone', 0],
  ]);
  readonly #endings = new Map<SpeakerId, string>();
  readonly #closes = new Map<string, number>();
  readonly #reconnects = new Map<string, number>();
  readonly #commands = new Map<string, number>();
  readonly #durations = new Histogram(COMMAND_BOUNDS_S);
  readonly #pairings = new Map<string, number>();

  socketOpened(kind: SocketKind): void {
    grow(this.#sockets, kind, 1);
  }

  socketClosed(kind: SocketKind): void {
    grow(this.#sockets, kind, -1);
  }

  speakerConnected(id: SpeakerId): void {
    const ending = this.#endings.get(id);
    if (ending === undefined) return;
    this.#endings.delete(id);
    grow(this.#reconnects, `reason="${ending}"`, 1);
  }

  speakerDisconnected(id: SpeakerId, closeCode: number): void {
    const reason = REASON_BY_CODE.get(closeCode) ?? 'other';
    grow(this.#closes, `reason="${reason}"`, 1);
    this.#endings.delete(id);
    const [oldest] = this.#endings.keys();
    if (this.#endings.size >= ENDINGS_MAX && oldest !== undefined) this.#endings.delete(oldest);
    this.#endings.set(id, reason);
  }

  requestAnswered(kind: PhoneRequest['kind'], code: ErrorCode | null, took: Ms): void {
    grow(this.#commands, `type="${kind}",result="${code ?? 'ok'}"`, 1);
    this.#durations.add(took);
  }

  pairingRefused(code: ErrorCode): void {
    grow(this.#pairings, `reason="${code}"`, 1);
  }

  metrics(): readonly Metric[] {
    const counter = (name: string, help: string, counts: ReadonlyMap<string, number>): Metric => ({
      name,
      help,
      kind: 'counter',
      rows: [...counts],
    });
    return [
      {
        name: 'tonearm_ws_connections',
        help: 'Open sockets.',
        kind: 'gauge',
        rows: [...this.#sockets].map(([kind, count]) => [`kind="${kind}"`, count]),
      },
      counter('tonearm_ws_closes_total', 'Links of speakers that ended, by why.', this.#closes),
      counter('tonearm_ws_reconnects_total', 'Speakers that came back, by why they had gone.', this.#reconnects),
      counter('tonearm_commands_total', 'Commands of phones, by kind and outcome.', this.#commands),
      {
        name: 'tonearm_command_duration_seconds',
        help: 'From a phone’s command to its answer.',
        kind: 'histogram',
        rows: this.#durations.rows().map(([suffix, labels, value]) => [labels, value, suffix]),
      },
      counter('tonearm_pairings_refused_total', 'Attempts to pair that were refused.', this.#pairings),
    ];
  }
}

function grow<Key>(map: Map<Key, number>, key: Key, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
