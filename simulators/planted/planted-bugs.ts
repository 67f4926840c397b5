/**
 * Bugs as people make them, to be planted in a copy of the source: each of them undoes something that the code does for a reason.
 * What the simulated world does not find of them it does not look for.
 */

export interface PlantedBug {
  readonly name: string;
  /** What is wrong with it, for people. */
  readonly about: string;
  /** From the root of the project. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly oldText: string;
  readonly newText: string;
  /** Of the houses in which alone it can be heard; absent: any. */
  readonly sound?: 'real';
}

const CONTROL = 'device/core/control';
const RELAY = 'cloud-bridge/core/relay';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'fence-dropped',
    about: 'a speaker that comes back after another one took over plays on in its old epoch',
    file: 'device/core/device.ts',
    oldText: "if (role === 'standby' && this.#player.mode.kind !== 'idle') {",
    newText: "if (role === 'standby' && this.#player.mode.kind === 'idle') {",
  },
  {
    name: 'generation-forgotten',
    about: 'what the engine says late, of before a seek or a skip, is believed',
    file: `${CONTROL}/player-events.ts`,
    oldText: 'if (event.generation !== state.generation) {',
    newText: 'if (event.generation > state.generation) {',
  },
  {
    name: 'retry-doubled',
    about: 'a command that comes again under the same id is done again',
    file: `${CONTROL}/command-ledger.ts`,
    oldText:
      "if (before !== undefined) return before === null ? { kind: 'pending' } : { kind: 'answered', outcome: before };",
    newText: "if (before === null) return { kind: 'pending' };",
  },
  {
    name: 'heartbeat-leaked',
    about: 'the heartbeat of a link that is gone goes on, and its timers with it',
    file: `${CONTROL}/session.ts`,
    oldText: 'before.heartbeat.stop();',
    newText: '',
  },
  {
    name: 'pre-roll-skipped',
    about: 'after a seek a decoder is heard before it has settled',
    file: 'device/core/audio/manifest/segment-plan.ts',
    oldText: 'Math.max(0, hearFromStreamFrames - PRE_ROLL_FRAMES)',
    newText: 'Math.max(0, hearFromStreamFrames)',
    sound: 'real',
  },
  {
    name: 'queue-edit-lost',
    about: 'a speaker that dies and comes back has forgotten what people put in or moved',
    file: `${CONTROL}/playback-keeper.ts`,
    oldText: 'const changed = session === null ? null : change(session);',
    newText:
      'const changed = session === null ? null : { ...change(session), queue: { ...session.queue, edits: [], upNext: [], upNextUids: [] } };',
  },
  {
    name: 'answered-before-kept',
    about: 'a phone is answered before it is written down that its request was performed',
    file: `${RELAY}/account-session.ts`,
    oldText: 'await this.#remember(options.commandId);',
    newText: 'void this.#remember(options.commandId);',
  },
  {
    name: 'volume-jumps',
    about: 'moved to a speaker that is turned up, the music is suddenly loud',
    file: `${RELAY}/hand-over-steps.ts`,
    oldText: 'own > volume + LOUDER_STEP_MAX',
    newText: 'own > volume + 100 * LOUDER_STEP_MAX',
  },
  {
    name: 'never-redialled',
    about: 'a speaker that has lost its bridge does not look for it again',
    file: `${CONTROL}/session.ts`,
    oldText: '      this.#wait(this.#retry.next(), false);\n    }\n  }\n\n  #wait(',
    newText: '    }\n  }\n\n  #wait(',
  },
  {
    name: 'position-back',
    about: 'a speaker that dies and comes back is back where its track began, and not where it was',
    file: `${CONTROL}/playback-keeper.ts`,
    oldText: 'memory.place(positionAt(mode, us(Math.min(nowUs, saidUntilUs))));',
    newText: '',
  },
];
