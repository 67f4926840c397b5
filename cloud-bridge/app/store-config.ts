/**
 * Where music is kept: in the data folder, or in an S3 bucket named by URL. The keys come from the environment only, so
 * that they are in no process list and no shell history.
 */

import type { S3Place } from '#bridge/adapters/s3-store/s3-client';
import type { S3Credentials } from '#bridge/adapters/s3-store/sign-request';
import { fail, type Given } from '#protocol/adapters/flag-values';
import { TonearmError } from '#protocol/vocabulary/errors';

const REGION_DEFAULT = 'us-east-1';
const KEY_ID = 'TONEARM_S3_KEY_ID';
const SECRET = 'TONEARM_S3_SECRET';
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\/){0,8}$/;
const REGION = /^[a-z0-9-]{1,64}$/;
const PARAMETERS = ['endpoint', 'region'];

export type StoreConfig =
  | { readonly kind: 'folder' }
  | {
      readonly kind: 's3';
      readonly place: S3Place;
      /** Before every key; empty, or ending in a slash. */
      readonly prefix: string;
      readonly credentials: S3Credentials;
    };

/**
 * `s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]`
 * @throws TonearmError `config.invalid`, naming the flag or variable
 */
export function readStore(given: Given | null, env: Readonly<Record<string, string | undefined>>): StoreConfig {
  if (given === null || given.text === 'folder') return { kind: 'folder' };
  const url = URL.canParse(given.text) ? new URL(given.text) : null;
  if (url === null || url.protocol !== 's3:' || url.username !== '' || url.port !== '' || url.hash !== '') {
    return fail(given, 'must be "folder" or s3://BUCKET/PREFIX?endpoint=URL&region=NAME');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) return fail(given, `knows no ${JSON.stringify(unknown)}: only endpoint and region`);
  const bucket = url.hostname;
  if (!BUCKET.test(bucket)) return fail(given, `must name a bucket, not ${JSON.stringify(bucket)}`);
  const folders = url.pathname.split('/').filter((part) => part !== '');
  const prefix = folders.map((part) => `${part}/`).join('');
  if (!PREFIX.test(prefix)) return fail(given, 'must have a prefix of letters, digits, ".", "_", "-" and "/"');
  const region = url.searchParams.get('region') ?? REGION_DEFAULT;
  if (!REGION.test(region)) return fail(given, `must name a region like ${REGION_DEFAULT}`);
  const endpoint = readEndpoint(given, url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`);
  const credentials = { keyId: readKey(env, KEY_ID), secret: readKey(env, SECRET) };
  return { kind: 's3', place: { endpoint, region, bucket }, prefix, credentials };
}

function readEndpoint(given: Given, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.pathname === '/' && url.search === '' && url.username === '';
  if (isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin;
  return fail(given, 'must have an endpoint like https://HOST:PORT, without a path');
}

function readKey(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value !== undefined && /^[\x21-\x7e]{1,256}$/.test(value)) return value;
  // The value itself is never shown: it may be a secret with a typing error.
  throw new TonearmError('config.invalid', `${name} must be set in the environment to the key of the S3 store`, {
    field: name,
  });
}
