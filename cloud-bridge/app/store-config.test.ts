import { describe, expect, it } from 'vitest';
import { readStore } from './store-config.ts';

const env = { TONEARM_S3_KEY_ID: 'KEY', TONEARM_S3_SECRET: 'hidden' };
const given = (text: string) => ({ text, from: '--store' });

describe('where music is kept', () => {
  it('is the data folder when nothing else is said', () => {
    expect(readStore(null, {})).toEqual({ kind: 'folder' });
    expect(readStore(given('folder'), {})).toEqual({ kind: 'folder' });
  });

  it('is a bucket, with or without prefix, endpoint and region', () => {
    expect(readStore(given('s3://music'), env)).toMatchObject({
      prefix: '',
      place: { bucket: 'music', region: 'us-east-1', endpoint: 'https://s3.us-east-1.amazonaws.com' },
      credentials: { keyId: 'KEY', secret: 'hidden' },
    });
    const text = 's3://music/house/one?endpoint=http://127.0.0.1:9000&region=eu-west-1';
    expect(readStore(given(text), env)).toMatchObject({
      prefix: 'house/one/',
      place: { bucket: 'music', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9000' },
    });
  });

  it.each([
    'music',
    'http://music',
    's3://',
    's3://UPPER_CASE',
    's3://music/%2e%2e%2fetc',
    's3://key:secret@music',
    's3://music?path=x',
    's3://music?endpoint=ftp://host',
    's3://music?endpoint=http://host/path',
    's3://music?region=a%20b',
  ])('is refused, naming the flag: %s', (text) => {
    expect(() => readStore(given(text), env)).toThrow(
      expect.objectContaining({ code: 'config.invalid', field: '--store' }),
    );
  });

  it('needs both keys, and shows neither', () => {
    const broken = { ...env, TONEARM_S3_SECRET: 'hid den' };
    expect(() => readStore(given('s3://music'), { TONEARM_S3_SECRET: 'hidden' })).toThrow(
      expect.objectContaining({ field: 'TONEARM_S3_KEY_ID' }),
    );
    expect(() => readStore(given('s3://music'), broken)).toThrow(
      expect.objectContaining({ field: 'TONEARM_S3_SECRET', message: expect.not.stringContaining('hid den') }),
    );
  });
});
