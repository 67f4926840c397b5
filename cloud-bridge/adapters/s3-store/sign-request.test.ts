/** The two GET examples that the algorithm's authors publish for S3 ("Authenticating requests: using the Authorization header"). */
import { describe, expect, it } from 'vitest';
import { sha256Hex, signRequest } from './sign-request.ts';

const credentials = { keyId: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const scope = { region: 'us-east-1', wallMs: Date.UTC(2013, 4, 24) };
const common = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', payloadSha256Hex: sha256Hex('') };

describe('a signed request', () => {
  it('for a range of an object is as published', () => {
    const request = { ...common, path: '/test.txt', query: {}, headers: { range: 'bytes=0-9' } };
    const headers = signRequest(request, credentials, scope);
    expect(headers['authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,' +
        'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('for a listing is as published, in whatever order its query is given', () => {
    const request = { ...common, path: '/', query: { prefix: 'J', 'max-keys': '2' }, headers: {} };
    expect(signRequest(request, credentials, scope)['authorization']).toContain(
      'Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  it('does not hold the secret', () => {
    const request = { ...common, path: '/a b', query: { x: "it's (so)*" }, headers: {} };
    expect(JSON.stringify(signRequest(request, credentials, scope))).not.toContain('EXAMPLEKEY');
  });
});
