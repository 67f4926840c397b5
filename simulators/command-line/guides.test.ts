/** The guides type commands: each of them is one that there is, with flags that it has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandNode } from '#bridge/phone/command-line/manual/command-node';
import { runSimulate } from './program.ts';

const GUIDES = join(import.meta.dirname, '..', '..', 'docs', 'guides');

async function describedCommands(): Promise<readonly CommandNode[]> {
  let printed = '';
  const context = {
    print: (text: string) => (printed += text),
    say: () => {},
    interrupted: new AbortController().signal,
  };
  await runSimulate(['manual'], context);
  const { commands }: CommandNode = JSON.parse(printed);
  return commands;
}

function typedCommands(): { readonly where: string; readonly words: readonly string[] }[] {
  return readdirSync(GUIDES).flatMap((where) => {
    const text = readFileSync(join(GUIDES, where), 'utf8').replaceAll('\\\n', ' ');
    return [...text.matchAll(/^(?:npx )?tonearm simulate (.+)$/gm)].map(([, line = '']) => ({
      where,
      words: line.replace(/ #.*$/, '').trim().split(/\s+/),
    }));
  });
}

describe('the guides', () => {
  it('name simulations and flags that there are, and show each simulation once', async () => {
    const commands = await describedCommands();
    const typed = typedCommands();
    expect(typed.length).toBeGreaterThan(5);
    for (const { where, words } of typed) {
      const [name, ...rest] = words;
      const command = commands.find((it) => it.name === name);
      expect(command, `${where}: simulate ${name}`).toBeDefined();
      const known = command?.options.flatMap(({ names }) => names) ?? [];
      for (const flag of rest.filter((word) => word.startsWith('--')))
        expect(known, `${where}: ${name} ${flag}`).toContain(flag);
    }
    const shown = new Set(typed.filter(({ where }) => where === 'simulators.md').map(({ words }) => words[0]));
    expect([...shown].sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it('lead to files that there are', () => {
    for (const where of readdirSync(GUIDES)) {
      const text = readFileSync(join(GUIDES, where), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        expect(existsSync(join(GUIDES, target)), `${where}: ${target}`).toBe(true);
      }
    }
  });
});
