import { expect, it } from 'vitest';
import { runSimulate } from '../program.ts';

it.each([
  [['--seeds', '9..1'], '--seeds must be two whole numbers'],
  [['--minutes', 'long'], '--minutes must be a whole number'],
  [['--sound', 'loud'], '--sound must be one of modelled, real'],
  [['--jobs', '0'], '--jobs must be a whole number from 1'],
  [['--plan', '/nowhere/plan.json'], '/nowhere/plan.json cannot be read'],
])('%j is refused by name', async (flags, message) => {
  const said: string[] = [];
  const context = {
    print: () => {},
    say: (line: string) => said.push(line),
    interrupted: new AbortController().signal,
  };
  expect(await runSimulate(['world', ...flags], context)).toBe(2);
  expect(said.join('\n')).toContain(message);
});

it('plays a seed in which nothing breaks a promise', async () => {
  const printed: string[] = [];
  const interrupted = new AbortController().signal;
  const context = { print: (line: string) => printed.push(line), say: () => {}, interrupted };
  const flags = ['--seed', '2', '--minutes', '3', '--speakers', '2', '--phones', '1', '--sound', 'modelled'];
  expect(await runSimulate(['world', ...flags], context)).toBe(0);
  expect(printed).toEqual(['1 seeds passed, 0 failed']);
});
