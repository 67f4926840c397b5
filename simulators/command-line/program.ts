/** `tonearm simulate …` as one function: words and surroundings in, exit code out. Each simulation is a command of its own. */
import { Command, CommanderError } from 'commander';
import { describeCommand } from '#bridge/phone/command-line/manual/command-node';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { addCdn } from './commands/cdn.ts';
import { addHousehold } from './commands/household.ts';
import { addNetwork } from './commands/network.ts';
import { addPhones } from './commands/phones.ts';
import { addPlanted } from './commands/planted.ts';
import { addReplay } from './commands/replay.ts';
import { addSpeakers } from './commands/speakers.ts';
import { addWorld } from './commands/world.ts';
import type { Act, SimulateContext, SimulateExitCode } from './simulate-context.ts';

const USAGE: SimulateExitCode = 2;
const FAILURE: SimulateExitCode = 1;
const INTERRUPTED: SimulateExitCode = 130;
/** Areas of error codes that say that the question itself was wrong. */
const USAGE_AREAS = ['input', 'config'];

/** Every simulation, in the order in which the help lists them. */
const COMMANDS: readonly ((program: Command, act: Act) => void)[] = [
  addWorld,
  addHousehold,
  addSpeakers,
  addPhones,
  addNetwork,
  addCdn,
  addReplay,
  addPlanted,
];

/** @returns the exit code; everything that goes wrong has been said by then */
export async function runSimulate(words: readonly string[], context: SimulateContext): Promise<SimulateExitCode> {
  const outcome: { exitCode: SimulateExitCode } = { exitCode: 0 };
  const program = new Command('tonearm simulate');
  program
    .description('The product with the world swapped: households, networks, edges and fleets, on this machine.')
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.say(text.trimEnd()),
    })
    .exitOverride();
  const act: Act =
    (body) =>
    async (...parameters) => {
      try {
        outcome.exitCode = await body(context, ...parameters);
      } catch (thrown) {
        const error = toTonearmError(thrown);
        context.say(`error: ${error.message} (${error.code})`);
        outcome.exitCode = USAGE_AREAS.includes(error.code.split('.')[0] ?? '') ? USAGE : FAILURE;
      }
      if (context.interrupted.aborted) outcome.exitCode = INTERRUPTED;
    };
  for (const add of COMMANDS) add(program, act);
  program.addHelpText('after', () => helpOfAll(program));
  // For man pages and completions: what the help is printed from.
  program.command('manual', { hidden: true }).action(
    act(async ({ print }) => {
      print(JSON.stringify(describeCommand(program)));
      return 0;
    }),
  );
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    outcome.exitCode = thrown.exitCode === 0 ? 0 : USAGE;
  }
  return outcome.exitCode;
}

/** Every simulation with its flags, below the list of them. */
function helpOfAll(program: Command): string {
  const { commands } = describeCommand(program);
  const flags = commands.flatMap(({ options }) => options.filter(({ names }) => !names.includes('--help')));
  const width = Math.max(...flags.map((option) => option.flags.length));
  const parts = commands.map(({ name, text, options }) => {
    const own = options.filter((option) => flags.includes(option));
    return [`${name}: ${text}`, ...own.map((option) => `  ${option.flags.padEnd(width)}  ${option.text}`)].join('\n');
  });
  return `\n${parts.join('\n\n')}\n`;
}
