/**
 * How Home Assistant is told of a speaker, in one message: MQTT device discovery, with the components that its MQTT
 * integration has; and a second message in the format of the custom integration `mqtt_media_player`. Pure.
 * Spec section 14.4.
 */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { BusSpeakerState } from '#protocol/wire/bus';
import type { BusTopics } from '#protocol/wire/bus-topics';
import type { SpeakerView } from '#protocol/wire/household';

export interface HomeAssistantOptions {
  /** First level of the discovery topics, as it is set there; `homeassistant` by default. */
  readonly prefix: string;
  /** Version of this program, shown as the origin's. */
  readonly version: string;
  /** Names on offer as sources; a list of none is no list there. */
  readonly sources: readonly string[];
}

export interface Announcement {
  readonly topic: string;
  readonly text: string;
}

type Component = Readonly<Record<string, unknown>>;

/** Where Home Assistant says `online` after its own start. */
export function homeAssistantStatusTopic(prefix: string): string {
  return `${prefix}/status`;
}

/** The two topics on which a speaker is announced. */
export function discoveryTopics(prefix: string, id: SpeakerId): { readonly device: string; readonly player: string } {
  return { device: `${prefix}/device/${uniqueId(id)}/config`, player: `${prefix}/media_player/${uniqueId(id)}/config` };
}

export function announceSpeaker(
  speaker: Pick<SpeakerView, 'id' | 'name' | 'model' | 'version'>,
  topics: BusTopics,
  options: HomeAssistantOptions,
): readonly Announcement[] {
  const at = discoveryTopics(options.prefix, speaker.id);
  const own = topics.speaker(speaker.id);
  const device = {
    ids: [uniqueId(speaker.id)],
    name: speaker.name,
    mf: 'Tonearm',
    mdl: speaker.model,
    sw: speaker.version,
  };
  const discovery = {
    dev: device,
    o: { name: 'Tonearm', sw: options.version },
    cmps: componentsOf(speaker.id, topics, options.sources),
    // Both must be: the house answers for the speaker, and its broker's last will for the house.
    avty: [{ t: topics.availability }, { t: own.availability }],
    avty_mode: 'all',
    qos: 0,
  };
  const player = {
    name: speaker.name,
    device: {
      identifiers: device.ids,
      name: device.name,
      manufacturer: device.mf,
      model: device.mdl,
      sw_version: device.sw,
    },
    availability: { topic: own.availability, payload_available: 'online', payload_not_available: 'offline' },
    state_state_topic: own.plain('state'),
    state_title_topic: own.plain('title'),
    state_artist_topic: own.plain('artist'),
    state_album_topic: own.plain('album'),
    state_duration_topic: own.plain('duration'),
    state_position_topic: own.plain('position'),
    state_volume_topic: own.plain('level'),
    state_mute_topic: own.plain('mute'),
    state_albumart_topic: own.plain('cover'),
    command_volume_topic: own.command('level'),
    command_mute_topic: own.command('mute'),
    command_play_topic: own.command('play'),
    command_pause_topic: own.command('pause'),
    command_playpause_topic: own.command('toggle'),
    command_next_topic: own.command('next'),
    command_previous_topic: own.command('previous'),
    command_playmedia_topic: own.command('media'),
  };
  return [
    { topic: at.device, text: JSON.stringify(discovery) },
    { topic: at.player, text: JSON.stringify(player) },
  ];
}

/** What is the same for each component of a speaker. */
class ComponentParts {
  readonly own: ReturnType<BusTopics['speaker']>;
  readonly #id: SpeakerId;

  constructor(id: SpeakerId, topics: BusTopics) {
    this.#id = id;
    this.own = topics.speaker(id);
  }

  named(platform: string, key: string, name: string): Component {
    return { p: platform, name, uniq_id: `${uniqueId(this.#id)}_${key}` };
  }

  read(field: keyof BusSpeakerState): Component {
    return { stat_t: this.own.state, val_tpl: `{{ value_json.${field} }}` };
  }

  button(key: 'play' | 'pause' | 'next' | 'previous', name: string, icon: string): Component {
    return { ...this.named('button', key, name), cmd_t: this.own.command(key), ic: icon };
  }

  toggle(key: 'mute' | 'shuffle', name: string, field: 'isMuted' | 'isShuffled'): Component {
    return {
      ...this.named('switch', key, name),
      stat_t: this.own.state,
      val_tpl: `{{ 'ON' if value_json.${field} else 'OFF' }}`,
      cmd_t: this.own.command(key),
    };
  }

  select(key: 'repeat' | 'source', name: string, options: readonly string[], icon: string): Component {
    return {
      ...this.named('select', key, name),
      ...this.read(key),
      cmd_t: this.own.command(key),
      ops: options,
      ic: icon,
    };
  }
}

function componentsOf(
  id: SpeakerId,
  topics: BusTopics,
  sources: readonly string[],
): Readonly<Record<string, Component>> {
  const parts = new ComponentParts(id, topics);
  return {
    play: parts.button('play', 'Play', 'mdi:play'),
    pause: parts.button('pause', 'Pause', 'mdi:pause'),
    next: parts.button('next', 'Next', 'mdi:skip-next'),
    previous: parts.button('previous', 'Previous', 'mdi:skip-previous'),
    volume: {
      ...parts.named('number', 'volume', 'Volume'),
      ...parts.read('volume'),
      cmd_t: parts.own.command('volume'),
      min: 0,
      max: 100,
      step: 1,
      unit_of_meas: '%',
      ic: 'mdi:volume-high',
    },
    mute: parts.toggle('mute', 'Mute', 'isMuted'),
    shuffle: parts.toggle('shuffle', 'Shuffle', 'isShuffled'),
    repeat: parts.select('repeat', 'Repeat', ['off', 'context', 'track'], 'mdi:repeat'),
    ...(sources.length === 0 ? {} : { source: parts.select('source', 'Source', sources, 'mdi:album') }),
    ...sensorsOf(parts, topics),
  };
}

function sensorsOf(parts: ComponentParts, topics: BusTopics): Readonly<Record<string, Component>> {
  return {
    title: { ...parts.named('sensor', 'title', 'Title'), ...parts.read('title'), ic: 'mdi:music-note' },
    artist: { ...parts.named('sensor', 'artist', 'Artist'), ...parts.read('artist'), ic: 'mdi:account-music' },
    state: {
      ...parts.named('sensor', 'state', 'State'),
      ...parts.read('playback'),
      dev_cla: 'enum',
      ops: ['stopped', 'buffering', 'playing', 'paused'],
    },
    cover: {
      ...parts.named('image', 'cover', 'Cover'),
      img_t: parts.own.plain('cover'),
      img_e: 'b64',
      cont_type: 'image/jpeg',
    },
    connected: {
      ...parts.named('binary_sensor', 'connected', 'Connected'),
      stat_t: parts.own.availability,
      pl_on: 'online',
      pl_off: 'offline',
      dev_cla: 'connectivity',
      ent_cat: 'diagnostic',
      // Also to be seen while the speaker is away.
      avty: [{ t: topics.availability }],
    },
  };
}

function uniqueId(id: SpeakerId): string {
  return `tonearm_${id}`;
}
