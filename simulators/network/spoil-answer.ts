/** The ways in which a server gives wrong bytes under the right headers, as broken disks, caches and radios do. */
import type { IncomingMessage } from 'node:http';
import type { WholeAnswer } from './ask-upstream.ts';

/** `flips` a bit; `swaps` in what stands elsewhere in the file; `sends another` file's bytes, or what is in none. */
export const LIES = ['flips', 'swaps', 'sends another'] as const;
export type Lie = (typeof LIES)[number];

/** Of answers, for what is to be another's. */
const KEPT_BYTES_MAX = 1024 * 1024;

export class AnswerSpoiler {
  #kept: { readonly path: string; readonly body: Buffer } | null = null;

  /**
   * @param ask asks the server behind for other bytes of the same file
   * @returns as many bytes as `right` has
   */
  async spoil(
    lie: Lie,
    asked: Pick<IncomingMessage, 'url' | 'headers'>,
    right: Buffer,
    ask: (range: string) => Promise<WholeAnswer>,
  ): Promise<Buffer> {
    switch (lie) {
      case 'flips':
        return flipped(right);
      case 'swaps':
        return (await elsewhereInFile(asked.headers.range, right.length, ask)) ?? flipped(right);
      case 'sends another':
        return this.#another(asked.url ?? '', right);
    }
  }

  #another(path: string, right: Buffer): Buffer {
    const kept = this.#kept;
    if (right.length <= KEPT_BYTES_MAX) this.#kept = { path, body: right };
    const isOther = kept !== null && kept.path !== path && kept.body.length >= right.length;
    // Backwards: what no file has in it.
    return isOther ? kept.body.subarray(0, right.length) : Buffer.from(right).reverse();
  }
}

/** One bit in the middle. */
function flipped(body: Buffer): Buffer {
  const wrong = Buffer.from(body);
  const middle = wrong.length >> 1;
  wrong[middle] = (wrong[middle] ?? 0) ^ 1;
  return wrong;
}

/** As many bytes of the same file from behind those asked for, or from before them. */
async function elsewhereInFile(
  range: string | undefined,
  length: number,
  ask: (range: string) => Promise<WholeAnswer>,
): Promise<Buffer | null> {
  const [, from] = /^bytes=(\d+)-/.exec(range ?? '') ?? [];
  if (from === undefined) return null;
  for (const start of [Number(from) + length, Math.max(0, Number(from) - length)]) {
    const { status, body } = await ask(`bytes=${start}-${start + length - 1}`);
    if (status === 206 && body.length === length) return body;
  }
  return null;
}
