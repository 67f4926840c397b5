/**
 * An edge that answers as it should and gives the wrong bytes: a program before a bridge's content door. Tells of each
 * answer that it has spoilt.
 *
 * `node lying-edge.ts LISTEN_PORT TARGET_PORT flipped|swapped|truncated|foreign`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { askUpstream, type WholeAnswer } from '#sim/network/ask-upstream';

const [listenPort = '0', targetPort = '0', lie = 'flipped'] = process.argv.slice(2);
const MUSIC = /^\/content\/v1\/(files|heads)\//;
/** Of answers, for what is to be foreign. */
const KEPT_BYTES_MAX = 1024 * 1024;
let kept: { readonly path: string; readonly body: Buffer } | undefined;

const server = createServer((asked, answer) => {
  answerWith(asked, answer).catch(() => answer.destroy());
});
server.listen(Number(listenPort), '127.0.0.1', () => print({ event: 'lying-edge.ready' }));

async function answerWith(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const right = await fetchFrom(asked, asked.headers.range);
  if (!MUSIC.test(asked.url ?? '') || right.status > 206 || right.status < 200) {
    answer.writeHead(right.status, right.headers).end(right.body);
    return;
  }
  const body = await spoil(asked, right.body);
  answer.writeHead(right.status, { ...right.headers, 'content-length': String(right.body.length) });
  print({ event: 'lying-edge.lied', path: asked.url ?? '', bytes: body.length });
  if (body.length < right.body.length) answer.write(body, () => answer.destroy());
  else answer.end(body);
}

async function spoil(asked: IncomingMessage, body: Buffer): Promise<Buffer> {
  switch (lie) {
    case 'truncated':
      return body.subarray(0, body.length >> 1);
    case 'swapped':
      return (await elsewhereInFile(asked, body.length)) ?? flip(body);
    case 'foreign': {
      const other = kept !== undefined && kept.path !== asked.url && kept.body.length >= body.length ? kept.body : null;
      if (body.length <= KEPT_BYTES_MAX) kept = { path: asked.url ?? '', body };
      return other?.subarray(0, body.length) ?? reversed(body);
    }
    default:
      return flip(body);
  }
}

/** As many bytes of the same file from behind those asked for, or from before them. */
async function elsewhereInFile(asked: IncomingMessage, length: number): Promise<Buffer | null> {
  const [, from] = /^bytes=(\d+)-/.exec(asked.headers.range ?? '') ?? [];
  if (from === undefined) return null;
  for (const start of [Number(from) + length, Math.max(0, Number(from) - length)]) {
    const { status, body } = await fetchFrom(asked, `bytes=${start}-${start + length - 1}`);
    if (status === 206 && body.length === length) return body;
  }
  return null;
}

function flip(body: Buffer): Buffer {
  const flipped = Buffer.from(body);
  const middle = flipped.length >> 1;
  flipped[middle] = (flipped[middle] ?? 0) ^ 1;
  return flipped;
}

/** What no file of this household has in it. */
function reversed(body: Buffer): Buffer {
  return Buffer.from(body).reverse();
}

function fetchFrom(asked: IncomingMessage, range: string | undefined): Promise<WholeAnswer> {
  const headers = { ...asked.headers, ...(range === undefined ? {} : { range }) };
  return askUpstream(asked, { host: '127.0.0.1', port: targetPort }, headers);
}

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
