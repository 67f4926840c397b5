import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { bashCompletion } from '../completion/bash-completion.ts';
import { completionPlaces } from '../completion/completion-words.ts';
import { describeCommand } from './command-node.ts';
import { appCommandsManPage, appManPage, commandManPage } from './man-pages.ts';
import { flagsOf, parseUsage } from './usage-text.ts';

const HELP = `Usage: tonearm lamp [flags]

A lamp: shines. Logs nothing.

  --watts N          how bright, 0 for dark              (TONEARM_WATTS, default 40)
                     more costs more
  --help, --version

Exit codes: 0 shines, 1 does not.
`;

function program(): Command {
  const own = new Command('tonearm').description('Your lamps.').option('--json', 'for machines');
  own
    .command('shine')
    .description('let it shine')
    .argument('<speaker...>', 'which')
    .option('--on <speaker>', 'where')
    .addOption(new Option('--colour <colour>', 'which one').choices(['red', 'blue']));
  own.command('secret', { hidden: true });
  own.command('lamp').description('run a lamp');
  return own;
}

describe('the help of a program', () => {
  it('is taken apart into usage, what it is, flags and notes', () => {
    const parsed = parseUsage(HELP);
    expect(parsed).toEqual({
      usage: 'tonearm lamp [flags]',
      about: ['A lamp: shines. Logs nothing.'],
      entries: [
        { term: '--watts N', text: 'how bright, 0 for dark (TONEARM_WATTS, default 40) more costs more' },
        { term: '--help, --version', text: '' },
      ],
      notes: ['Exit codes: 0 shines, 1 does not.'],
    });
    expect(parsed.entries.flatMap(flagsOf)).toEqual(['--watts', '--help', '--version']);
  });
});

describe('man pages', () => {
  it('of a program say what its help says', () => {
    const { file, text } = appManPage('lamp', HELP);
    expect(file).toBe('tonearm-lamp.8');
    expect(text).toContain('.SH NAME\ntonearm\\-lamp \\- A lamp: shines\n');
    expect(text).toContain(
      '.TP\n.B "\\-\\-watts N"\nhow bright, 0 for dark (TONEARM_WATTS, default 40) more costs more\n',
    );
    expect(text).toContain('.SH "NOTES"\nExit codes: 0 shines, 1 does not.\n');
  });

  it('of the command line have each command that help shows, and no other', () => {
    const { file, text } = commandManPage(describeCommand(program()), '\nExamples:\n  tonearm shine\n  .x\\\n', [
      'lamp',
    ]);
    expect(file).toBe('tonearm.1');
    expect(text).toContain('.SS "tonearm shine [options] <speaker...>"\nlet it shine\n');
    expect(text).toContain('.B "\\-\\-colour <colour>"');
    expect(text).not.toContain('secret');
    expect(text).toContain('tonearm\\-lamp(8)');
    // Nothing of a text is taken for a request or an escape.
    expect(text).toContain('.EX\n  tonearm shine\n  .x\\e\n.EE');
  });

  it('are ASCII', () => {
    const text = appManPage('lamp', 'Usage: x\n\nNe’er ▶ naïve.\n').text;
    expect(text).toContain('Ne\\[u2019]er \\[u25B6] na\\[u00EF]ve');
    expect(/^[\n\x20-\x7e]*$/.test(text)).toBe(true);
  });
});

describe('places where something can be completed', () => {
  const places = completionPlaces(describeCommand(program()), [{ name: 'lamp', flags: ['--watts'] }]);

  it('have commands, their options and those of all', () => {
    expect(places.map(({ words }) => words)).toEqual(['tonearm', 'tonearm shine', 'tonearm lamp']);
    expect(places[0]?.commands.map(({ name }) => name)).toEqual(['shine', 'lamp']);
    expect(places[1]?.options.flatMap(({ names }) => names)).toEqual(['--on', '--colour', '-h', '--help', '--json']);
    expect(places[1]?.takesSpeaker).toBe(true);
  });

  it('of a program with commands of its own have those, and no options of all', () => {
    const lamp = new Command('lamp').option('--watts <n>');
    lamp.command('blink').description('on and off').option('--times <n>');
    const whole = completionPlaces(describeCommand(program()), [], [describeCommand(lamp)]);
    expect(whole.map(({ words }) => words)).toEqual(['tonearm', 'tonearm shine', 'tonearm lamp', 'tonearm lamp blink']);
    expect(whole[0]?.commands.map(({ name }) => name)).toEqual(['shine', 'lamp']);
    expect(whole[3]?.options.flatMap(({ names }) => names)).toEqual(['--times', '-h', '--help']);
    const { file, text } = appCommandsManPage(describeCommand(lamp));
    expect(file).toBe('tonearm-lamp.8');
    expect(text).toContain('.SS "lamp blink [options]"\non and off\n.TP\n.B "\\-\\-times <n>"');
  });

  it('of a program with flags of its own have those alone', () => {
    expect(places[2]?.options.flatMap(({ names }) => names)).toEqual(['--watts']);
    expect(bashCompletion(places)).toContain(`'tonearm lamp') COMPREPLY+=($(compgen -W '--watts' -- "$word"))`);
  });
});
