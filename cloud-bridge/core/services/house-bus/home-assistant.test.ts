import { beforeEach, describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { BusHouse } from '#sim/relay/bus-house';
import {
  type DeviceDiscovery,
  deviceDiscoverySchema,
  mediaPlayerSchema,
  payloadOf,
  render,
} from '#sim/relay/home-assistant-double';
import { trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';

let house: BusHouse;
let kitchen: ScriptedSpeaker;
beforeEach(async () => {
  house = new BusHouse();
  await house.start('hass');
  kitchen = await house.room.connected('kitchen');
  await house.room.ask({
    kind: 'play',
    speakerId: kitchen.hello().speaker.id,
    contextUri: house.album.uri,
    trackIds: [trackNumber(1), trackNumber(2)],
    index: 0,
    positionMs: ms(0),
  });
  await house.run(1_000);
});

const deviceTopic = () => `hass/device/tonearm_${kitchen.id}/config`;

function device(): DeviceDiscovery {
  return deviceDiscoverySchema.parse(JSON.parse(house.broker.retained(deviceTopic()) ?? 'null'));
}

/** A person uses the entity. */
async function use(key: string, value: string | number | boolean = true): Promise<void> {
  const entity = device().cmps[key];
  if (entity === undefined || !('cmd_t' in entity)) throw new Error(`nothing can be asked of ${key}`);
  house.say(entity.cmd_t, payloadOf(entity, value));
  await house.run();
}

/** What the entity shows. */
function shown(key: string): string {
  const entity = device().cmps[key];
  if (entity === undefined || !('val_tpl' in entity)) throw new Error(`${key} shows nothing`);
  return render(entity.val_tpl, house.broker.retained(entity.stat_t) ?? '');
}

describe('Home Assistant', () => {
  it('is told of each speaker in one message, with every entity', () => {
    const { dev, o, cmps, avty } = device();
    expect(dev).toMatchObject({ ids: [`tonearm_${kitchen.id}`], name: 'kitchen', mf: 'Tonearm' });
    expect(o).toEqual({ name: 'Tonearm', sw: '1.2.3' });
    const platforms = Object.entries(cmps).map(([key, { p }]) => `${p}.${key}`);
    expect(platforms.sort()).toEqual(
      [
        'binary_sensor.connected',
        'button.next',
        'button.pause',
        'button.play',
        'button.previous',
        'image.cover',
        'number.volume',
        'select.repeat',
        'select.source',
        'sensor.artist',
        'sensor.state',
        'sensor.title',
        'switch.mute',
        'switch.shuffle',
      ].sort(),
    );
    expect(new Set(Object.values(cmps).map(({ uniq_id: id }) => id)).size).toBe(platforms.length);
    for (const { t } of avty) expect(house.broker.retained(t)).toBe('online');
  });

  it('shows what plays, with its cover', () => {
    expect(['title', 'artist', 'state', 'volume', 'repeat', 'source', 'mute', 'shuffle'].map(shown)).toEqual([
      'Title 1',
      'Somebody',
      'playing',
      '40',
      'off',
      'Album',
      'OFF',
      'OFF',
    ]);
    const { connected } = device().cmps;
    if (connected?.p !== 'binary_sensor') throw new Error('it is one');
    expect(house.broker.retained(connected.stat_t)).toBe(connected.pl_on);
  });

  it.each([
    ['pause', true, 'pause', {}],
    ['play', true, 'resume', {}],
    ['next', true, 'next', {}],
    ['previous', true, 'previous', {}],
    ['volume', 25, 'setVolume', { volume: 25 }],
    ['mute', true, 'setVolume', { volume: 0 }],
    ['shuffle', true, 'setShuffle', { isOn: true }],
    ['repeat', 'context', 'setRepeat', { mode: 'context' }],
    ['source', 'Album', 'play', { contextUri: `tonearm:album:${'B'.repeat(21)}1` }],
  ] as const)('commands by %s', async (key, value, kind, fields) => {
    await use(key, value);
    expect(kitchen.commands().at(-1)).toMatchObject({ kind, ...fields });
  });

  it('sees what it has asked for', async () => {
    await use('volume', 25);
    expect(shown('volume')).toBe('25');
    await use('mute', true);
    expect([shown('mute'), shown('volume')]).toEqual(['ON', '0']);
    await use('mute', false);
    expect([shown('mute'), shown('volume')]).toEqual(['OFF', '25']);
    await use('pause');
    expect(shown('state')).toBe('paused');
  });

  it('is told again when it says that it is online, whatever it had forgotten', async () => {
    const said = house.heard.filter(({ topic }) => topic === deviceTopic()).length;
    house.say('hass/status', 'online');
    await house.run(2_000);
    expect(house.heard.filter(({ topic }) => topic === deviceTopic()).length).toBeGreaterThan(said);
    house.say('hass/status', 'offline');
    await house.run(2_000);
    expect(house.heard.filter(({ topic }) => topic === deviceTopic()).length).toBe(said + 1);
  });
});

describe('the custom integration mqtt_media_player', () => {
  const config = () =>
    mediaPlayerSchema.parse(
      JSON.parse(house.broker.retained(`hass/media_player/tonearm_${kitchen.id}/config`) ?? 'null'),
    );

  it('is told the topics of each value', () => {
    const at = config();
    const values = [
      at.state_state_topic,
      at.state_title_topic,
      at.state_artist_topic,
      at.state_album_topic,
      at.state_duration_topic,
      at.state_volume_topic,
      at.state_mute_topic,
      at.availability.topic,
    ];
    expect(values.map((topic) => house.broker.retained(topic))).toEqual([
      'playing',
      'Title 1',
      'Somebody',
      'Album',
      '60',
      '0.4',
      'unmute',
      'online',
    ]);
    expect(Number(house.broker.retained(at.state_position_topic))).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['command_play_topic', 'Play', 'resume', {}],
    ['command_pause_topic', 'Pause', 'pause', {}],
    ['command_playpause_topic', 'PlayPause', 'pause', {}],
    ['command_next_topic', 'Next', 'next', {}],
    ['command_previous_topic', 'Previous', 'previous', {}],
    ['command_volume_topic', '0.25', 'setVolume', { volume: 25 }],
    ['command_mute_topic', 'mute', 'setVolume', { volume: 0 }],
    [
      'command_playmedia_topic',
      JSON.stringify({ media_type: 'music', media_id: `tonearm:album:${'B'.repeat(21)}1` }),
      'play',
      { index: 0 },
    ],
  ] as const)('commands by %s', async (key, payload, kind, fields) => {
    house.say(config()[key], payload);
    await house.run();
    expect(kitchen.commands().at(-1)).toMatchObject({ kind, ...fields });
  });
});
