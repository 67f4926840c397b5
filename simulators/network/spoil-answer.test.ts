/** Each lie has the length of the truth and is not it; one that tells of elsewhere in the file takes it from there. */
import { describe, expect, it } from 'vitest';
import { AnswerSpoiler, LIES } from './spoil-answer.ts';

const FILE = Buffer.from(Array.from({ length: 1_000 }, (_, place) => (place * 37) & 255));

async function ask(range: string) {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  const body = FILE.subarray(Number(from), Number(to) + 1);
  return { status: body.length > 0 ? 206 : 416, headers: {}, body };
}

function question(from: number, url = '/content/v1/files/a') {
  return { url, headers: { range: `bytes=${from}-${from + 99}` } };
}

describe('an answer that is spoilt', () => {
  it.each(LIES)('%s: is as long, and wrong', async (lie) => {
    const right = FILE.subarray(200, 300);
    const wrong = await new AnswerSpoiler().spoil(lie, question(200), right, ask);
    expect(wrong.length).toBe(100);
    expect(wrong.equals(right)).toBe(false);
  });

  it('flips one bit, and leaves the truth as it was', async () => {
    const right = Buffer.alloc(11);
    const wrong = await new AnswerSpoiler().spoil('flips', question(0), right, ask);
    expect([...wrong]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect(right.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    [200, 300],
    [900, 800],
  ])('swaps bytes from %i in for those from %i of the same file', async (asked, given) => {
    const right = FILE.subarray(asked, asked + 100);
    const wrong = await new AnswerSpoiler().spoil('swaps', question(asked), right, ask);
    expect(wrong.equals(FILE.subarray(given, given + 100))).toBe(true);
  });

  it('sends what it last saw of another file, and what is in none before it has seen one', async () => {
    const spoiler = new AnswerSpoiler();
    const [one, other] = [Buffer.alloc(100, 1), Buffer.from(FILE.subarray(0, 100))];
    expect([...(await spoiler.spoil('sends another', question(0, '/b'), other, ask))]).toEqual([...other].reverse());
    expect((await spoiler.spoil('sends another', question(0, '/a'), one, ask)).equals(other)).toBe(true);
  });
});
