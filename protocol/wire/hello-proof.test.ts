import { describe, expect, it } from 'vitest';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { parseBase64url } from '#protocol/kit/base64url';
import { speakerId } from '#protocol/vocabulary/ids';
import { parseMessage } from './envelope.ts';
import { type Challenge, challengeSchema, helloSchema } from './hello.ts';
import { helloProof } from './hello-proof.ts';
import type { Schema } from './schema.ts';

const valid = [...loadGoldenVectors('speaker').valid, ...loadGoldenVectors('bridge').valid];

function vector<Message>(name: string, schema: Schema<Message>): Message {
  const parsed = parseMessage(schema, valid.find((it) => it.name === name)?.text ?? '', name);
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

const challenge = vector('challenge of a bridge whose speakers are paired', challengeSchema);
const hello = vector('hello that proves its id', helloSchema);
const bytes = (text: string | undefined) => parseBase64url(text ?? '') ?? new Uint8Array();

describe('the proof in a hello', () => {
  const isProven = (proof: Uint8Array) =>
    ed25519Check.isSignedBy(bytes(hello.identity?.publicKey), proof, bytes(hello.identity?.signature));

  it('of the golden vectors is what the spec says is signed', () => {
    expect(ed25519Check.idOfPublicKey(bytes(hello.identity?.publicKey))).toBe(hello.speaker.id);
    expect(ed25519Check.idOfPublicKey(bytes(challenge.bridge.publicKey))).toBe(challenge.bridge.id);
    expect(isProven(helloProof(challenge, hello.speaker.id))).toBe(true);
  });

  it('holds for one nonce, one bridge and one id', () => {
    const other = { ...challenge, nonce: `A${challenge.nonce.slice(1)}` };
    const elsewhere = { ...challenge, bridge: { ...challenge.bridge, id: challenge.bridge.id.replace(/.$/, '_') } };
    expect(isProven(helloProof(other, hello.speaker.id))).toBe(false);
    expect(isProven(helloProof(elsewhere as Challenge, hello.speaker.id))).toBe(false);
    expect(isProven(helloProof(challenge, speakerId('somebody-else-than-that')))).toBe(false);
  });
});
