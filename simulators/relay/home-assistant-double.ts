/**
 * Home Assistant as a broker sees it: reads device discovery by the keys that its MQTT integration documents, refuses
 * what it would refuse, and commands entities by the topics and payloads that it was told. The custom integration
 * `mqtt_media_player` likewise.
 */
import * as z from 'zod/mini';

const topic = z.string().check(z.regex(/^[^+#]+$/));
const template = z.string().check(z.regex(/^\{\{ .+ \}\}$/));
const text = z.string().check(z.minLength(1));
const availability = z.array(
  z.strictObject({
    t: topic,
    pl_avail: z.optional(z.string()),
    pl_not_avail: z.optional(z.string()),
    val_tpl: z.optional(template),
  }),
);
/** What every platform takes. */
const common = {
  name: text,
  uniq_id: text,
  ic: z.optional(z.string().check(z.regex(/^mdi:/))),
  ent_cat: z.optional(z.enum(['config', 'diagnostic'])),
  avty: z.optional(availability),
};
const component = z.discriminatedUnion('p', [
  z.strictObject({ p: z.literal('button'), ...common, cmd_t: topic, pl_prs: z.optional(z.string()) }),
  z.strictObject({
    p: z.literal('number'),
    ...common,
    cmd_t: topic,
    stat_t: topic,
    val_tpl: template,
    min: z.number(),
    max: z.number(),
    step: z.number(),
    unit_of_meas: z.optional(z.string()),
  }),
  z.strictObject({ p: z.literal('switch'), ...common, cmd_t: topic, stat_t: topic, val_tpl: template }),
  z.strictObject({
    p: z.literal('select'),
    ...common,
    cmd_t: topic,
    stat_t: topic,
    val_tpl: template,
    ops: z.array(text).check(z.minLength(1)),
  }),
  z.strictObject({
    p: z.literal('sensor'),
    ...common,
    stat_t: topic,
    val_tpl: template,
    dev_cla: z.optional(z.enum(['enum'])),
    ops: z.optional(z.array(text)),
  }),
  z.strictObject({
    p: z.literal('image'),
    ...common,
    img_t: topic,
    img_e: z.literal('b64'),
    cont_type: z.string(),
  }),
  z.strictObject({
    p: z.literal('binary_sensor'),
    ...common,
    stat_t: topic,
    pl_on: z.string(),
    pl_off: z.string(),
    dev_cla: z.literal('connectivity'),
  }),
]);

/** The payload of `PREFIX/device/ID/config`. */
export const deviceDiscoverySchema = z.strictObject({
  dev: z.strictObject({
    ids: z.array(text).check(z.minLength(1)),
    name: text,
    mf: z.optional(z.string()),
    mdl: z.optional(z.string()),
    sw: z.optional(z.string()),
  }),
  o: z.strictObject({ name: text, sw: z.optional(z.string()), url: z.optional(z.string()) }),
  cmps: z.record(z.string(), component),
  avty: availability,
  avty_mode: z.enum(['all', 'any', 'latest']),
  qos: z.optional(z.number()),
});
export type DeviceDiscovery = z.output<typeof deviceDiscoverySchema>;
export type DiscoveredComponent = z.output<typeof component>;

const stateTopics = [
  'state',
  'title',
  'artist',
  'album',
  'duration',
  'position',
  'volume',
  'mute',
  'albumart',
] as const;
const commandTopics = ['volume', 'mute', 'play', 'pause', 'playpause', 'next', 'previous', 'playmedia'] as const;

/** The payload of `PREFIX/media_player/ID/config`. */
export const mediaPlayerSchema = z.strictObject({
  name: text,
  device: z.strictObject({
    identifiers: z.array(text),
    name: text,
    manufacturer: z.string(),
    model: z.string(),
    sw_version: z.string(),
  }),
  availability: z.strictObject({ topic, payload_available: z.string(), payload_not_available: z.string() }),
  ...record(stateTopics.map((name) => `state_${name}_topic` as const)),
  ...record(commandTopics.map((name) => `command_${name}_topic` as const)),
});

function record<Name extends string>(names: readonly Name[]): Record<Name, typeof topic> {
  return Object.fromEntries(names.map((name) => [name, topic])) as Record<Name, typeof topic>;
}

/** What Home Assistant publishes when a person uses the entity. */
export function payloadOf(it: DiscoveredComponent, value: string | number | boolean): string {
  if (it.p === 'button') return it.pl_prs ?? 'PRESS';
  if (it.p === 'switch') return value === true ? 'ON' : 'OFF';
  return String(value);
}

/** What it shows: of the templates, as much as we write. */
export function render(value_template: string, payload: string): string {
  const json = JSON.parse(payload) as Record<string, unknown>;
  const field = /value_json\.(\w+)/.exec(value_template)?.[1] ?? '';
  if (!(field in json)) throw new Error(`the state has no ${field}`);
  if (value_template.includes("'ON' if")) return json[field] === true ? 'ON' : 'OFF';
  return json[field] === null ? 'None' : String(json[field]);
}
