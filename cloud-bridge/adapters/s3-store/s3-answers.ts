/**
 * What S3 says in XML, read for the few elements that are needed. Values are keys that we made, numbers and tokens, so a
 * reader of elements by name is enough; whatever else is in there is nobody's business here.
 */

export interface ListedKey {
  readonly key: string;
  readonly sizeBytes: number;
}

export interface ListPage {
  readonly keys: readonly ListedKey[];
  /** Null on the last page. */
  readonly next: string | null;
}

export function parseListPage(xml: string): ListPage {
  const keys = elements(xml, 'Contents').map((content) => ({
    key: element(content, 'Key') ?? '',
    sizeBytes: Number(element(content, 'Size') ?? Number.NaN),
  }));
  return {
    keys: keys.filter(({ sizeBytes }) => Number.isSafeInteger(sizeBytes) && sizeBytes >= 0),
    next: element(xml, 'IsTruncated') === 'true' ? element(xml, 'NextContinuationToken') : null,
  };
}

/** Multipart uploads that were begun and neither completed nor given up. */
export function parseUploads(xml: string): readonly { readonly key: string; readonly uploadId: string }[] {
  return elements(xml, 'Upload').map((upload) => ({
    key: element(upload, 'Key') ?? '',
    uploadId: element(upload, 'UploadId') ?? '',
  }));
}

/** Content of the first element of that name; null when there is none. */
export function element(xml: string, name: string): string | null {
  const [first] = elements(xml, name);
  return first === undefined ? null : unescapeXml(first);
}

/** The list of parts that completes a multipart upload. */
export function encodeParts(etags: readonly string[]): string {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
}

function elements(xml: string, name: string): readonly string[] {
  const found: string[] = [];
  const [open, close] = [`<${name}>`, `</${name}>`];
  for (let from = xml.indexOf(open); from !== -1; from = xml.indexOf(open, from)) {
    const to = xml.indexOf(close, from);
    if (to === -1) break;
    found.push(xml.slice(from + open.length, to));
    from = to;
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescapeXml(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
