/** The topics of a house, each said once. Spec section 14.1. */
import { BUS_COMMANDS, BUS_ROOT, type BusCommandName } from './bus.ts';

/** What a speaker's topics end in that are published, one plain value each. */
export type BusPlainValue =
  | 'state'
  | 'title'
  | 'artist'
  | 'album'
  | 'duration'
  | 'position'
  | 'level'
  | 'mute'
  | 'cover';

export interface BusTopics {
  readonly availability: string;
  readonly session: string;
  readonly answers: string;
  /** Filters of all that is meant for the house; none holds another. */
  readonly commandFilters: readonly string[];
  /** Filter of what is published of speakers. */
  readonly speakerFilters: readonly string[];
  answer(id: string): string;
  sessionCommand(name: BusCommandName): string;
  speaker(id: string): SpeakerTopics;
  /** Null for a topic that is no command of this house. `speakerId` null: the active speaker. */
  parseCommand(topic: string): { readonly speakerId: string | null; readonly name: BusCommandName } | null;
  /** Where a bridge listens to another of the same household; `from` may be `+`. */
  node(to: string, from: string): string;
  /** The speaker that a published topic is about, or null. */
  speakerOf(topic: string): string | null;
}

/** Those of one speaker. */
export interface SpeakerTopics {
  readonly availability: string;
  readonly state: string;
  plain(value: BusPlainValue): string;
  command(name: BusCommandName): string;
}

/** @param house the bridge's id */
export function busTopics(house: string): BusTopics {
  const base = `${BUS_ROOT}/${house}`;
  const speakers = `${base}/speakers/`;
  const session = `${base}/session`;
  return {
    availability: `${base}/availability`,
    session: `${session}/state`,
    answers: `${base}/answers/+`,
    commandFilters: [`${speakers}+/command/+`, `${session}/command/+`],
    speakerFilters: [`${speakers}+/availability`, `${speakers}+/state`, `${speakers}+/player/+`],
    answer: (id) => `${base}/answers/${id}`,
    sessionCommand: (name) => `${session}/command/${name}`,
    speaker: (id) => ({
      availability: `${speakers}${id}/availability`,
      state: `${speakers}${id}/state`,
      plain: (value) => `${speakers}${id}/player/${value}`,
      command: (name) => `${speakers}${id}/command/${name}`,
    }),
    parseCommand: (topic) => {
      const parts = topic.startsWith(`${base}/`) ? topic.slice(base.length + 1).split('/') : [];
      const name = BUS_COMMANDS.find((it) => it === parts.at(-1));
      if (name === undefined || parts.at(-2) !== 'command') return null;
      if (parts.length === 3 && parts[0] === 'session') return { speakerId: null, name };
      const speakerId = parts[1];
      return parts.length === 4 && parts[0] === 'speakers' && speakerId !== undefined ? { speakerId, name } : null;
    },
    node: (to, from) => `${base}/nodes/${to}/from/${from}`,
    speakerOf: (topic) => (topic.startsWith(speakers) ? (topic.slice(speakers.length).split('/')[0] ?? null) : null),
  };
}
