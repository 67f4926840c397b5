import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import { busAnswerSchema, busCommandSchema, busSpeakerStateSchema } from '#protocol/wire/bus';
import { contentClaimsSchema, revocationsSchema } from '#protocol/wire/content-token';
import { edgeReportSchema } from '#protocol/wire/edge-report';
import { parseMessage } from '#protocol/wire/envelope';
import { errorBodySchema } from '#protocol/wire/error-body';
import { flightEntrySchema, flightHeaderSchema } from '#protocol/wire/flight-record';
import { householdEventSchema } from '#protocol/wire/household';
import { manifestSchema } from '#protocol/wire/manifest';
import { nodeMessageSchema } from '#protocol/wire/node-message';
import {
  pairingBeginSchema,
  pairingBegunSchema,
  pairingBridgeSchema,
  pairingConfirmedSchema,
  pairingConfirmSchema,
  pairingFinishedSchema,
  pairingFinishSchema,
  pairingSpeakerSchema,
} from '#protocol/wire/pairing';
import { phoneMessageSchema, requestAnswerSchema } from '#protocol/wire/phone-request';
import type { Schema } from '#protocol/wire/schema';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';
import { storeCheckViewSchema } from '#protocol/wire/store-check';
import {
  blockMapSchema,
  updateManifestSchema,
  updateOfferSchema,
  updateReportSchema,
  updateRootSchema,
  updateStampSchema,
} from '#protocol/wire/update';
import { loadGoldenVectors, VECTOR_FAMILIES, type VectorDoor } from './golden-vectors.ts';

const SCHEMAS: Record<VectorDoor, Schema<unknown>> = {
  speaker: bridgeMessageSchema,
  bridge: speakerMessageSchema,
  phone: householdEventSchema,
  phones: phoneMessageSchema,
  asker: requestAnswerSchema,
  manifest: manifestSchema,
  error: errorBodySchema,
  check: storeCheckViewSchema,
  'edge-report': edgeReportSchema,
  token: contentClaimsSchema,
  revocations: revocationsSchema,
  'bus-command': busCommandSchema,
  'bus-answer': busAnswerSchema,
  'bus-speaker': busSpeakerStateSchema,
  node: nodeMessageSchema,
  'pairing-begin': pairingBeginSchema,
  'pairing-begun': pairingBegunSchema,
  'pairing-confirm': pairingConfirmSchema,
  'pairing-confirmed': pairingConfirmedSchema,
  'pairing-finish': pairingFinishSchema,
  'pairing-finished': pairingFinishedSchema,
  'pairing-bridge': pairingBridgeSchema,
  'pairing-speaker': pairingSpeakerSchema,
  'flight-header': flightHeaderSchema,
  'flight-entry': flightEntrySchema,
  'update-root': updateRootSchema,
  'update-manifest': updateManifestSchema,
  'update-stamp': updateStampSchema,
  'update-offer': updateOfferSchema,
  'update-blocks': blockMapSchema,
  'update-report': updateReportSchema,
};

describe.each(Object.entries(SCHEMAS) as [VectorDoor, Schema<unknown>][])(
  'golden vectors at the door: %s',
  (door, schema) => {
    const { valid, invalid } = loadGoldenVectors(door);

    it.each(valid)('$family reads $name', ({ text, read }) => {
      const result = parseMessage(schema, text, 'vector');
      if (!result.ok) throw result.error;
      expect(JSON.parse(JSON.stringify(result.value))).toEqual(read);
    });

    it.each(invalid)('$family refuses $name', ({ text, code, field }) => {
      const result = parseMessage(schema, text, 'vector');
      expect(result.ok ? 'read' : { code: result.error.code, field: result.error.field }).toEqual({ code, field });
    });
  },
);

describe('golden vectors', () => {
  it('leave no file out, and no kind of message', () => {
    const files = readdirSync(join(import.meta.dirname, '../vectors')).filter((name) => name.endsWith('.json'));
    expect(files.sort()).toEqual(VECTOR_FAMILIES.flatMap((it) => [`${it}.invalid.json`, `${it}.valid.json`]).sort());
    for (const [door, schema] of [
      ['speaker', bridgeMessageSchema],
      ['bridge', speakerMessageSchema],
      ['phone', householdEventSchema],
    ] as const) {
      const covered = new Set(loadGoldenVectors(door).valid.map(({ read }) => (read as { kind: string }).kind));
      const kinds = schema._zod.def.options.flatMap((option) => [...option._zod.def.shape.kind._zod.def.values]);
      expect([...covered].sort()).toEqual([...new Set<string>(kinds)].sort());
    }
  });
});
