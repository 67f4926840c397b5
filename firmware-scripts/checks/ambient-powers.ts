/**
 * The pure rooms have no clock, randomness, timers, network or console of their own. The compiler refuses most of these for
 * want of Node's types; these are what plain JavaScript has too, and what a cast would smuggle in.
 */
import { isTest, type Rule, sourcesOf } from './file-tree.ts';
import { PURE_ROOMS, roomOf } from './rooms.ts';
import { lineAt } from './source-text.ts';

const POWERS: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /(?<![.\w$#])Date\s*\.\s*now\b/g, instead: 'the Clock port' },
  { pattern: /(?<![.\w$#])new\s+Date\s*(?:\(\s*\)|(?=[;,)\]}.]))/g, instead: 'the Clock port' },
  { pattern: /(?<![.\w$#])Math\s*\.\s*random\b/g, instead: 'the Random port' },
  { pattern: /(?<![.\w$#])set(?:Timeout|Interval|Immediate)\b/g, instead: 'Clock.setTimer' },
  { pattern: /(?<![.\w$#])console\s*\./g, instead: 'the Logger port' },
  { pattern: /(?<![.\w$#])(?:process|performance|globalThis)\s*[.[]/g, instead: 'an argument' },
  { pattern: /(?<![.\w$#])fetch\s*\(/g, instead: 'a port' },
];

export const ambientPowers: Rule = {
  name: 'ambient-powers',
  check(tree) {
    const sources = sourcesOf(tree).filter(({ path }) => {
      const room = roomOf(path);
      return room !== null && PURE_ROOMS.includes(room) && !isTest(path);
    });
    return sources.flatMap((source) =>
      POWERS.flatMap(({ pattern, instead }) =>
        [...source.skeleton.matchAll(pattern)].map((match) => ({
          path: source.path,
          line: lineAt(source.text, match.index),
          message: `${match[0].trim()} is an ambient power; use ${instead}`,
        })),
      ),
    );
  },
};
