/** What is wrong with the flags of `tonearm simulate cdn` is said by their names, before anything is started. */
import { describe, expect, it } from 'vitest';
import { runSimulate } from '../program.ts';

describe('tonearm simulate cdn', () => {
  it.each([
    ['a region without a distance', ['--regions', 'eu'], '--regions must be NAME:ROUNDTRIPms'],
    ['a distance of no kind', ['--regions', 'eu:9999ms'], '--regions must be NAME:ROUNDTRIPms'],
    ['a region twice', ['--regions', 'eu:1ms,eu:2ms'], '--regions must name each region once'],
    ['more than a bridge takes', ['--regions', Array.from({ length: 40 }, (_, at) => `r${at}:1ms`).join()], 'at most'],
    ['a mood of nobody', ['--mood', 'us=lying'], '--mood must be REGION=MOOD with one of eu'],
    ['no mood', ['--mood', 'eu=sad'], '--mood: "sad" is no mood; there are 530, well, slow, lying'],
    ['no origin', ['--origin', 'ftp://here'], '--origin must be http://HOST:PORT'],
    ['another server', ['--server', 'apache'], '--server must be one of tonearm, nginx'],
    ['no ports left', ['--regions', 'eu:1ms,us:2ms', '--listen', '127.0.0.1:65535'], '--listen leaves no port'],
    ['no minutes', ['--minutes', '0'], '--minutes must be a whole number'],
  ])('refuses %s', async (_, words, message) => {
    const said: string[] = [];
    const flags = new Map([
      ['--regions', 'eu:20ms'],
      ['--origin', 'http://127.0.0.1:1'],
    ]);
    for (let place = 0; place < words.length; place += 2) flags.set(words[place] ?? '', words[place + 1] ?? '');
    const context = {
      print: () => {},
      say: (line: string) => said.push(line),
      interrupted: new AbortController().signal,
    };
    expect(await runSimulate(['cdn', ...[...flags].flat()], context)).toBe(2);
    expect(said.join('\n')).toContain(message);
  });
});
