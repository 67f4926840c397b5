/** A player alone on the bench: it is given inputs, and what it says and tells the engine can be looked at. */
import { transition } from '#device/core/control/player';
import {
  initialPlayerState,
  type PlayerEffect,
  type PlayerInput,
  type PlayerState,
  sessionOf,
} from '#device/core/control/player-state';
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { commandId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { ms, msToFrames, percent, type Us, us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState } from '#protocol/wire/playback-state';

export const BENCH_TRACKS = ['a', 'b', 'c'].map((letter) => trackId(letter.repeat(22))) as [TrackId, TrackId, TrackId];
export const BENCH_TRACK_FRAMES = msToFrames(ms(60_000));
export const BENCH_ERROR = { code: 'content.unreadable', message: 'not a track' } as const;
export const BENCH_PLAY: Extract<CommandBody, { kind: 'play' }> = {
  kind: 'play',
  contextUri: null,
  trackIds: BENCH_TRACKS,
  index: 0,
  positionMs: ms(0),
};

/** Time is told with each input. */
export class PlayerBench {
  state: PlayerState = initialPlayerState({
    volume: percent(40),
    output: 'virtual',
    outputProblem: null,
    bufferedMs: ms(0),
    underruns: 0,
  });
  effects: readonly PlayerEffect[] = [];
  nowMs = 0;
  #commands = 0;

  input(input: PlayerInput): this {
    const next = transition(this.state, input);
    this.state = next.state;
    this.effects = next.effects;
    return this;
  }

  command(body: CommandBody, fraction = 0.5): string {
    return this.#tell(body, { fraction });
  }

  /** As `command`, with the instant that it names on the speaker's clock. */
  commandAt(instantMs: number, body: CommandBody): string {
    return this.#tell(body, { fraction: 0.5, instantUs: us(instantMs * 1_000) });
  }

  /** The answer just given to a command: `accepted`, `superseded`, the code of a refusal, or `none`. */
  answer(id: string): string {
    const answers = this.effects.filter((effect) => effect.kind === 'answer').filter((effect) => effect.id === id);
    assert(answers.length <= 1, 'one answer at most');
    const reply = answers[0]?.reply;
    if (reply === undefined) return 'none';
    return reply.kind === 'refused' ? reply.error.code : reply.kind;
  }

  event(event: EngineEvent): this {
    return this.input({ kind: 'engineReported', event, nowUs: us(this.nowMs * 1_000) });
  }

  told(): EngineIntent[] {
    return this.effects.filter((effect) => effect.kind === 'tellEngine').map((effect) => effect.intent);
  }

  ready(track: TrackId, durationFrames = BENCH_TRACK_FRAMES): this {
    return this.event({ kind: 'ready', generation: this.state.generation, trackId: track, durationFrames });
  }

  sounding(track: TrackId, positionMs: number, isSounding = true): this {
    const positionFrames = msToFrames(ms(positionMs));
    const { generation } = this.state;
    return this.event({
      kind: 'position',
      generation,
      trackId: track,
      positionFrames,
      atUs: us(this.nowMs * 1_000),
      isSounding,
    });
  }

  playing(positionMs = 0): this {
    this.command(BENCH_PLAY);
    return this.ready(BENCH_TRACKS[0]).sounding(BENCH_TRACKS[0], positionMs);
  }

  #tell(body: CommandBody, details: { readonly fraction: number; readonly instantUs?: Us }): string {
    this.#commands += 1;
    const id = commandId(`command-${this.#commands}`);
    this.input({ kind: 'command', id, body, deadline: ms(1_000), nowUs: us(this.nowMs * 1_000), ...details });
    return this.answer(id);
  }

  session(): SessionState {
    const session = sessionOf(this.state);
    assert(session !== null, 'there is a session');
    return session;
  }
}
