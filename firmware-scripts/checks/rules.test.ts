import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ambientPowers } from './ambient-powers.ts';
import { createBudgets } from './budgets.ts';
import { directions } from './directions.ts';
import { docBlocks } from './doc-blocks.ts';
import { entryPoints } from './entry-points.ts';
import type { Rule } from './file-tree.ts';
import { honestTests, machinePaths, stringPaths } from './forbidden-text.ts';
import { importRings } from './import-rings.ts';
import { ALIAS_FOLDERS } from './imports.ts';
import { projectReferences } from './project-references.ts';
import { MAY_IMPORT, PURE_ROOMS, ROOMS } from './rooms.ts';

/** Breaks or keeps a rule with a few files; says where it objects. */
function objections(rule: Rule, files: Readonly<Record<string, string>>): string[] {
  return rule.check(new Map(Object.entries(files))).map(({ path, line }) => `${path}:${line}`);
}

describe('import-rings', () => {
  it('finds a ring of three, one link of it type-only', () => {
    const files = {
      'device/core/a.ts': "import { b } from './b.ts';",
      'device/core/b.ts': "\nimport type { C } from './c.ts';",
      'device/core/c.ts': "export * from '#device/core/a';",
    };
    expect(objections(importRings, files)).toEqual(['device/core/c.ts:1']);
  });

  it('finds a file that imports itself, and one that is called by a dynamic import', () => {
    const files = {
      'device/core/self.ts': "import { self } from './self.ts';",
      'simulators/x.ts': "const y = await import('./y.ts');",
      'simulators/y.ts': "type X = import('./x.ts').X;",
    };
    expect(objections(importRings, files)).toEqual(['device/core/self.ts:1', 'simulators/y.ts:1']);
  });

  it('lets two ways to the same file be, and what only comments and strings say', () => {
    const files = {
      'device/core/top.ts': "import './left.ts';\nimport './right.ts';",
      'device/core/left.ts': "import './bottom.ts';",
      'device/core/right.ts': "import './bottom.ts';",
      'device/core/bottom.ts': "// import './top.ts';\nconst text = \"import './top.ts'\";",
    };
    expect(objections(importRings, files)).toEqual([]);
  });
});

describe('directions', () => {
  const forbidden: Readonly<Record<string, readonly [string, string]>> = {
    'device must not know the bridge': ['device/core/a.ts', "import type { B } from '#bridge/core/ports/content';"],
    'the bridge must not know the device': [
      'cloud-bridge/app/a.ts',
      "import { d } from '../../device/core/device.ts';",
    ],
    'not in a test either': ['device/core/a.test.ts', "import { b } from '#bridge/core/relay/household';"],
    'core must not know adapters': ['device/core/a.ts', "import { x } from '#device/adapters/alsa-sink/alsa-sink';"],
    'core must not know what adapters share': ['cloud-bridge/core/a.ts', "import '#protocol/adapters/system-clock';"],
    'core must not import Node': ['device/core/a.ts', "import { readFile } from 'node:fs';"],
    'the contract must not import Node': ['protocol/kit/a.ts', "export { join } from 'node:path';"],
    'core must not import npm packages': ['cloud-bridge/core/a.ts', "import { LRUCache } from 'lru-cache';"],
    'the contract has the small schema library only': ['protocol/wire/a.ts', "import { z } from 'zod';"],
    'and only in wire': ['protocol/kit/a.ts', "import * as z from 'zod/mini';"],
    'app must not import npm packages': ['device/app/main.ts', "import WebSocket from 'ws';"],
    'vocabulary must not know wire': ['protocol/vocabulary/a.ts', "import '#protocol/wire/hello';"],
    'ports must not know kit': ['protocol/ports/a.ts', "import '../kit/serial-lock.ts';"],
    'an adapter must not know another': ['device/adapters/a/a.ts', "import '#device/adapters/b/b';"],
    'a test must not construct a program': ['device/core/a.test.ts', "import '#device/app/compose';"],
    'product code must not import simulators': ['device/core/a.ts', "import '#sim/world/virtual-clock';"],
    'simulators must not know app': ['simulators/bench/a.ts', "import '#bridge/app/compose';"],
    'nobody imports a test': ['device/core/a.test.ts', "import './b.test.ts';"],
    'a dynamic import is an import': ['device/core/a.ts', "const fs = await import('node:fs');"],
    'so is a type query': ['device/core/a.ts', "let a: import('node:fs').Stats;"],
    'so is require': ['device/core/a.ts', "const fs = require('node:fs');"],
  };
  for (const [title, [path, text]] of Object.entries(forbidden)) {
    it(title, () => expect(objections(directions, { [path]: text })).toEqual([`${path}:1`]));
  }

  it('lets what is allowed pass', () => {
    const files = {
      'protocol/wire/a.ts': "import * as z from 'zod/mini';\nimport { ms } from '#protocol/vocabulary/units';",
      'protocol/adapters/a.ts': "import WebSocket from 'ws';",
      'device/adapters/a/a.ts': "import { b } from './b.ts';\nimport { c } from '#protocol/adapters/system-clock';",
      'device/app/compose.ts': "import { a } from '#device/adapters/a/a';\nimport { join } from 'node:path';",
      'device/core/a.test.ts': "import { VirtualClock } from '#sim/world/virtual-clock';\nimport { it } from 'vitest';",
      'device/adapters/a/a.test.ts': "import '../b/b.ts';\nimport '#device/core/device';",
      'cloud-bridge/core/a.test.ts': "import { readVectors } from '#protocol/adapters/golden-vectors';",
      'simulators/a.ts': "import { d } from '#device/core/device';\nimport { b } from '#bridge/core/relay/household';",
    };
    expect(objections(directions, files)).toEqual([]);
  });
});

describe('entry-points', () => {
  it('keeps the process to main.ts', () => {
    const files = {
      'device/app/config.ts': "\nexport const a = process.env['A'];",
      'cloud-bridge/core/a.ts': 'process.exit(1);',
      'device/adapters/a/a.ts': "process.on('SIGTERM', stop);",
      'device/app/main.ts': "process.exit(Number(process.env['A']));",
      'simulators/bench/main.ts': 'process.exitCode = 1;',
      'device/core/own.ts': 'const { exit } = this.process.env;',
    };
    expect(objections(entryPoints, files)).toEqual([
      'device/app/config.ts:2',
      'cloud-bridge/core/a.ts:1',
      'device/adapters/a/a.ts:1',
    ]);
  });

  it('keeps the construction of adapters to the compose files', () => {
    const adapter = "import { createAlsaSink } from '#device/adapters/alsa-sink/alsa-sink';";
    const files = {
      'device/app/compose.ts': adapter,
      'device/app/audio-worker.ts': adapter,
      'device/app/config.ts': `${adapter.replace('import', 'import type')}\nimport '#protocol/adapters/flags';`,
      'device/app/main.ts': `${adapter}\nimport { runProgram } from '#protocol/adapters/program';`,
      'device/app/version.ts': "import { createSystemClock } from '#protocol/adapters/system-clock';",
    };
    expect(objections(entryPoints, files)).toEqual(['device/app/main.ts:1', 'device/app/version.ts:1']);
  });
});

describe('ambient-powers', () => {
  it.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const now = new Date;',
    'const chance = Math.random();',
    'setTimeout(run, 5);',
    'const timer = setInterval(run, 5);',
    "console.log('a');",
    'process.cwd();',
    "globalThis['Date'];",
    "await fetch('http://bridge');",
    'const text = `now: ${Date.now()}`;',
  ])('refuses %s in a pure room', (text) => {
    const files = { 'device/core/a.ts': text, 'protocol/kit/a.ts': text, 'cloud-bridge/core/a.ts': text };
    expect(objections(ambientPowers, files)).toEqual(Object.keys(files).map((path) => `${path}:1`));
  });

  it('lets others have them, and lets words be that only look alike', () => {
    const files = {
      'device/adapters/a/a.ts': 'setTimeout(run, Math.random());',
      'device/core/a.ts': [
        '// Date.now() is not for us',
        "const text = 'setTimeout(';",
        'const pattern = /console.log/;',
        'const day = new Date(wallMs).toISOString();',
        'this.fetch(range);',
        'clock.setTimeout(1);',
      ].join('\n'),
    };
    expect(objections(ambientPowers, files)).toEqual([]);
  });
});

describe('budgets', () => {
  const lines = (count: number): string => 'const a = 1;\n'.repeat(count);
  const body = (count: number): string => '  run();\n'.repeat(count);

  it('asks for a reason above 400 lines and lets nothing pass above 600', () => {
    const files = { 'a.ts': lines(400), 'b.ts': lines(401), 'c.ts': lines(450), 'd.ts': lines(601) };
    const rule = createBudgets({ files: { 'c.ts': 'a table', 'd.ts': 'no reason is enough' }, functions: {} });
    expect(objections(rule, files)).toEqual(['b.ts:401', 'd.ts:601']);
  });

  it('wants an excuse gone that is no longer needed', () => {
    const rule = createBudgets({ files: { 'a.ts': 'was long', 'gone.ts': 'was there' }, functions: {} });
    expect(objections(rule, { 'a.ts': lines(10) })).toEqual(['a.ts:1', 'gone.ts:1']);
  });

  it.each([
    ['a function', `function f(a: { b: number }): { c: number } {\n${body(60)}}`],
    ['an arrow', `const f = async (): Promise<Map<string, number>> => {\n${body(60)}};`],
    ['a method', `class A {\n  async f<T>(this: A, a = (1 + 2)): Promise<T> {\n${body(60)}}\n}`],
  ])('finds %s of more than 60 lines', (_title, text) => {
    const rule = createBudgets({ files: {}, functions: {} });
    expect(objections(rule, { 'a.ts': text })).toHaveLength(1);
    expect(objections(rule, { 'a.ts': text.replace(body(60), body(50)) })).toEqual([]);
  });

  it('counts a function inside for itself, and no loop or class as a function', () => {
    const rule = createBudgets({ files: {}, functions: {} });
    const inner = `function outer() {\n${body(30)}const inner = () => {\n${body(40)}};\n}`;
    const loop = `if (isOn) {\n${body(61)}}\nclass A {\n${'  a = 1;\n'.repeat(70)}}`;
    expect(objections(rule, { 'a.ts': inner, 'b.ts': loop })).toEqual([]);
  });

  it('says of a file that it cannot be read', () => {
    expect(objections(createBudgets({ files: {}, functions: {} }), { 'a.ts': 'const = ;' })).toEqual(['a.ts:1']);
  });
});

describe('doc-blocks', () => {
  it('wants a first paragraph in every file', () => {
    const files = { 'device/core/a.ts': 'export const a = 1;', 'device/core/b.ts': '/** Why. */\nexport const b = 1;' };
    expect(objections(docBlocks, files)).toEqual(['device/core/a.ts:1']);
  });

  it('wants a block on every export of the contract', () => {
    const text = '/** Why. */\nimport a from "b";\n\nexport interface Bare {\n  a: number;\n}\n';
    const files = {
      'protocol/wire/a.ts': text,
      'device/core/ports/bare.ts': text,
      'device/core/audio/a.ts': text,
      'protocol/wire/b.ts': text.replace('export', '/** What. */\nexport'),
      'protocol/wire/c.ts': text.replace('  a:', '  /** Which. */\n  a:'),
    };
    expect(objections(docBlocks, files)).toEqual(['protocol/wire/a.ts:4']);
  });
});

describe('text that must not be there', () => {
  it('finds a path of one machine, in documents too', () => {
    const files = {
      'README.md': `\nsee /${'work'}/main`,
      'a.ts': `open('/${'root'}/x')`,
      'b.md': 'https://a.example/work/b',
    };
    expect(objections(machinePaths, files)).toEqual(['README.md:2', 'a.ts:1']);
  });

  it('finds tests that are switched off and assertions that cannot fail', () => {
    const files = {
      'a.test.ts': [
        'it.only("a", run);',
        'describe.skip("b", run);',
        'expect(await f(1));',
        'expect(f(")")).toBe(1);',
      ].join('\n'),
      'b.test.ts': 'describe.runIf(hasIt)("c", run);\nexpect(\n  a,\n)\n  .toBe(1);\ntext.skip(3);',
      'c.ts': 'expect(a);',
    };
    expect(objections(honestTests, files)).toEqual(['a.test.ts:1', 'a.test.ts:2', 'a.test.ts:3']);
  });

  it('finds a file that a packaged speaker would not find', () => {
    const text = "const worker = new Worker(new URL('./worker.ts', import.meta.url));";
    expect(objections(stringPaths, { 'device/a.ts': text, 'cloud-bridge/a.ts': text })).toEqual(['device/a.ts:1']);
  });
});

describe('project-references', () => {
  const root = dirname(dirname(import.meta.dirname));
  const real = Object.fromEntries(
    [
      'tsconfig.json',
      ...ROOMS.filter((room) => room !== 'cloud-bridge/phone/web').map((room) => `${room}/tsconfig.json`),
    ].map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
  const change = (path: string, from: RegExp, to: string) => {
    const text = (real[path] ?? '').replace(from, to);
    expect(text).not.toBe(real[path]);
    return objections(projectReferences, { ...real, [path]: text });
  };

  it('holds as the projects are now', () => expect(objections(projectReferences, real)).toEqual([]));

  it('sees a door being opened', () => {
    const path = 'device/core/tsconfig.json';
    expect(change(path, /"references": \[/, '"references": [{ "path": "../../cloud-bridge/core" },')).toEqual([
      `${path}:1`,
    ]);
  });

  it('sees a pure room being given Node or a browser', () => {
    const path = 'protocol/tsconfig.json';
    expect(change(path, /"types": \[\]/, '"types": ["node"]')).toEqual([`${path}:1`]);
    expect(change(path, /"types": \[\],/, '')).toEqual([`${path}:1`]);
    expect(change(path, /"lib": \["es2024"\]/, '"lib": ["es2024", "dom"]')).toEqual([`${path}:1`]);
  });

  it('sees a project that nobody checks', () => {
    expect(change('tsconfig.json', /"simulators"/, '"device/app"')).toEqual(['simulators/tsconfig.json:1']);
  });
});

describe('the tables themselves', () => {
  it('have the aliases of package.json', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
    const aliases = Object.fromEntries(
      Object.entries(ALIAS_FOLDERS).map(([alias, folder]) => [`${alias}*`, `./${folder}*.ts`]),
    );
    expect(aliases).toEqual(manifest.imports);
  });

  it('have no ring, keep device and bridge apart, and pure rooms above the contract only', () => {
    const reach = (room: (typeof ROOMS)[number]): Set<string> =>
      new Set(MAY_IMPORT[room].flatMap((next) => [next, ...reach(next)]));
    for (const room of ROOMS) {
      const reached = [...reach(room)];
      expect(reached).not.toContain(room);
      if (room.startsWith('device/')) expect(reached.filter((other) => other.startsWith('cloud-bridge'))).toEqual([]);
      if (room.startsWith('cloud-bridge/')) expect(reached.filter((other) => other.startsWith('device'))).toEqual([]);
      if (PURE_ROOMS.includes(room)) expect(reached.filter((other) => other !== 'protocol')).toEqual([]);
    }
  });
});
