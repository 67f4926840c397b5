/** Large objects go up in parts, one in memory at a time; what is begun is completed or given up. */
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { element, encodeParts, parseUploads } from './s3-answers.ts';
import type { S3Client } from './s3-client.ts';

/** S3's own limit on parts; at 8 MiB each it is 80 GB, far above 24 hours of music. */
const PARTS_MAX = 10_000;

export interface UploadSource {
  readonly sizeBytes: number;
  /** All but the last part have exactly this size. */
  readonly partBytes: number;
  read(from: number, to: number): Promise<Uint8Array>;
}

/** @throws TonearmError `storage.full` or `storage.failed`; then nothing is left of it */
export async function uploadInParts(client: S3Client, key: string, source: UploadSource): Promise<void> {
  const { sizeBytes, partBytes } = source;
  const count = Math.ceil(sizeBytes / partBytes);
  if (count > PARTS_MAX) throw new TonearmError('storage.failed', 'larger than the S3 store takes');
  const begun = await client.ask({ method: 'POST', key, query: { uploads: '' } });
  const uploadId = element(new TextDecoder().decode(begun.body), 'UploadId');
  if (uploadId === null) throw new TonearmError('storage.failed', 'the S3 store began no upload');
  try {
    const etags: string[] = [];
    for (let part = 0; part < count; part += 1) {
      const body = await source.read(part * partBytes, Math.min(sizeBytes, (part + 1) * partBytes));
      const query = { partNumber: String(part + 1), uploadId };
      const answer = await client.ask({ method: 'PUT', key, query, body });
      etags.push(answer.headers.etag ?? '');
    }
    await complete(client, { key, uploadId, etags, sizeBytes });
  } catch (error) {
    // Parts of an upload that nobody completes are kept, and paid for, for ever.
    await abandon(client, key, uploadId).catch(() => undefined);
    throw error;
  }
}

/** Gives up what a killed bridge had begun. @param prefix of the keys that are ours */
export async function abandonUploads(client: S3Client, prefix: string): Promise<void> {
  const answer = await client.ask({ method: 'GET', key: '', query: { uploads: '', prefix } });
  for (const { key, uploadId } of parseUploads(new TextDecoder().decode(answer.body))) {
    if (key.startsWith(prefix)) await abandon(client, key, uploadId);
  }
}

async function complete(
  client: S3Client,
  upload: {
    readonly key: string;
    readonly uploadId: string;
    readonly etags: readonly string[];
    readonly sizeBytes: number;
  },
): Promise<void> {
  const { key, uploadId } = upload;
  const body = new TextEncoder().encode(encodeParts(upload.etags));
  try {
    await client.ask({ method: 'POST', key, query: { uploadId }, body });
  } catch (error) {
    // The answer to an earlier try may have been lost: then the upload is gone because it is complete.
    if (toTonearmError(error).context['s3Code'] !== 'NoSuchUpload') throw error;
    const { headers } = await client.ask({ method: 'HEAD', key });
    if (Number(headers['content-length']) !== upload.sizeBytes) throw error;
  }
}

async function abandon(client: S3Client, key: string, uploadId: string): Promise<void> {
  await client.ask({ method: 'DELETE', key, query: { uploadId } });
}
