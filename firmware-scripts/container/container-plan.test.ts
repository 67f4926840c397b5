import { describe, expect, it } from 'vitest';
import { buildWords, type ContainerPlan, importWords, readBaseImages, runWords } from './container-plan.ts';

const plan: ContainerPlan = { arch: 'arm64', builder: 'x64', root: '/project', store: '/store' };
const [toBuild, toRun] = readBaseImages(
  'FROM --platform=$BUILDPLATFORM node:1-full AS build\nRUN true\nFROM --platform=$TARGETPLATFORM node:1-slim\nCOPY --from=build /a /a\n',
);
if (toBuild === undefined || toRun === undefined) throw new Error('two stages were read');

/** What follows a flag. */
const flagOf = (words: readonly string[], flag: string) => words[words.indexOf(flag) + 1];

describe('readBaseImages', () => {
  it('finds the image of each stage, and on whose kind of machine it runs', () => {
    expect([toBuild, toRun]).toEqual([
      { name: 'node:1-full', runsOn: 'builder' },
      { name: 'node:1-slim', runsOn: 'target' },
    ]);
    expect(readBaseImages('FROM debian\n')).toEqual([{ name: 'debian', runsOn: 'target' }]);
    expect(() => readBaseImages('FROM --platform=$ELSEWHERE debian\n')).toThrow('a stage for no machine known');
  });
});

describe('words for podman', () => {
  it('import each base for its own machine, under the name that podman looks it up by', () => {
    expect(flagOf(importWords(plan, toBuild, 'a.tar'), '--arch')).toBe('amd64');
    expect(flagOf(importWords(plan, toRun, 'a.tar'), '--arch')).toBe('arm64');
    expect(importWords(plan, toRun, 'a.tar').at(-1)).toBe('docker.io/library/node:1-slim');
    expect(importWords(plan, { name: 'else.where/a', runsOn: 'target' }, 'a.tar').at(-1)).toBe('else.where/a');
  });

  it('build for the target, in a format that has health checks, and say what the builder is', () => {
    const words = buildWords(plan);
    expect(flagOf(words, '--platform')).toBe('linux/arm64');
    expect(flagOf(words, '--build-arg')).toBe('BUILDPLATFORM=linux/amd64');
    expect(flagOf(words, '--format')).toBe('docker');
    expect(words.at(-1)).toBe('/project');
  });

  it('keep to their own store, and run with the arguments after the image', () => {
    const run = runWords(plan, { name: 'one', env: { A: 'b' }, args: ['--self-test'] });
    for (const words of [importWords(plan, toRun, 'a.tar'), buildWords(plan), run]) {
      expect(flagOf(words, '--root')).toBe('/store/images');
      expect(flagOf(words, '--runroot')).toBe('/store/running');
    }
    expect(flagOf(run, '--env')).toBe('A=b');
    expect(run.slice(-2)).toEqual(['localhost/tonearm-speaker', '--self-test']);
  });
});
