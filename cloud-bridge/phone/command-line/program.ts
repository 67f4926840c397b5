/** The whole command line as one function: arguments and surroundings in, exit code out. */
import { Command, CommanderError } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import { parseBridgeAddress } from './bridge/bridge-address.ts';
import { findBridge } from './bridge/find-bridge.ts';
import { createRestClient, type RestClient } from './bridge/rest-client.ts';
import { createTokenSource } from './bridge/token-source.ts';
import type { Act, CommandContext } from './command-context.ts';
import { CommandFailure, toCommandFailure } from './command-failure.ts';
import { addCompletion } from './commands/completion.ts';
import { addDevices } from './commands/devices.ts';
import { addDoctor } from './commands/doctor.ts';
import { addFirmware } from './commands/firmware.ts';
import { addIngest } from './commands/ingest.ts';
import { addLogin } from './commands/login.ts';
import { addManual } from './commands/manual.ts';
import { addNext } from './commands/next.ts';
import { addOwnSpeakers } from './commands/own-speakers.ts';
import { addPair } from './commands/pair.ts';
import { addPause } from './commands/pause.ts';
import { addPeople } from './commands/people.ts';
import { addPlay } from './commands/play.ts';
import { addPrevious } from './commands/previous.ts';
import { addQueue } from './commands/queue.ts';
import { addSearch } from './commands/search.ts';
import { addSeek } from './commands/seek.ts';
import { addStatus } from './commands/status.ts';
import { addTransfer } from './commands/transfer.ts';
import { addVersion, tonearmVersion } from './commands/version.ts';
import { addVolume } from './commands/volume.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';
import { createOutput, type Output } from './screen/output.ts';
import type { Surroundings } from './surroundings.ts';

export const AFTER_HELP = `
Examples:
  tonearm play                       go on, or play all music
  tonearm play miles davis --on kit  the best match, on the speaker whose name begins so
  tonearm volume +5                  a little louder
  tonearm seek -10                   ten seconds back
  tonearm transfer bedroom           the music moves, and goes on there
  tonearm status --watch             what plays, as it plays
  tonearm ingest ~/Music             add a folder, with progress
  tonearm login                      sign in, by the bridge's page
  tonearm invite Ben                 a link that lets somebody in
  tonearm doctor                     find out why there is no sound

Exit codes: 0 ok · 1 failure · 2 usage · 3 no bridge reachable · 4 not allowed · 5 done, with something amiss
`;

/** @returns the exit code; everything that goes wrong has been shown by then */
export async function runTonearm(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const outcome: { exitCode: ExitCode } = { exitCode: EXIT_CODES.ok };
  const program = createProgram(surroundings, words, outcome);
  try {
    await program.parseAsync(plainSteps(words), { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    outcome.exitCode = thrown.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  }
  return outcome.exitCode;
}

function createProgram(surroundings: Surroundings, words: readonly string[], outcome: { exitCode: ExitCode }): Command {
  const program = new Command('tonearm');
  // Known before parsing, because what is wrong with the words themselves is shown the way they ask for, too.
  const isJson = words.includes('--json');
  program
    .description('Your speakers from the command line.')
    .option('--bridge <address>', 'the bridge, e.g. http://10.0.0.5:4747 (else TONEARM_BRIDGE, else the nearest found)')
    .option(
      '--ca <file>',
      'trust these certificates (PEM) beside the machine’s, for a bridge with its own (else TONEARM_CA)',
    )
    .option('--json', 'answers as JSON on stdout, errors as JSON on stderr')
    .option('-q, --quiet', 'say nothing but what was asked for')
    .version(tonearmVersion(), '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .helpCommand('help [command]', 'explain a command')
    .addHelpText('after', AFTER_HELP)
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
      getOutHelpWidth: () => surroundings.stdout.columns(),
      getErrHelpWidth: () => surroundings.stderr.columns(),
      outputError: (text) => outputOf(surroundings, { isJson, isQuiet: false }).failure(usageFailure(text)),
    })
    .exitOverride();
  const act = createAct(program, surroundings, outcome);
  addDevices(program, act);
  addPlay(program, act);
  addPause(program, act);
  addNext(program, act);
  addPrevious(program, act);
  addSeek(program, act);
  addVolume(program, act);
  addQueue(program, act);
  addTransfer(program, act);
  addStatus(program, act);
  addSearch(program, act);
  addIngest(program, act);
  addDoctor(program, act);
  addLogin(program, act);
  addPeople(program, act);
  addPair(program, act);
  addOwnSpeakers(program, act);
  addFirmware(program, act);
  addApps(program);
  addVersion(program, act);
  addCompletion(program, act);
  addManual(program, act, AFTER_HELP);
  return program;
}

/** Only for the help: `main.ts` runs these before anything is parsed, since their options are their own. */
function addApps(program: Command): void {
  program.command('speaker').description('run a speaker on this machine (its own options: tonearm speaker --help)');
  program.command('bridge').description('run a bridge on this machine (its own options: tonearm bridge --help)');
  program.command('edge').description('run a caching server for music (its own options: tonearm edge --help)');
  program
    .command('simulate')
    .description('households, networks and fleets that are not there (its own commands: tonearm simulate --help)');
}

function createAct(program: Command, surroundings: Surroundings, outcome: { exitCode: ExitCode }): Act {
  return (body) =>
    async (...parameters) => {
      const options = program.opts<{ bridge?: string; ca?: string; json?: true; quiet?: true }>();
      const output = outputOf(surroundings, { isJson: options.json === true, isQuiet: options.quiet === true });
      const bridgeAddress = options.bridge ?? surroundings.bridgeFromEnvironment;
      const authorities = options.ca ?? surroundings.authoritiesFromEnvironment ?? '';
      try {
        if (authorities !== '') (await import('./bridge/trusted-authorities.ts')).trustAlso(authorities);
        outcome.exitCode = await body(createContext(surroundings, output, bridgeAddress), ...parameters);
      } catch (thrown) {
        const failure = toCommandFailure(thrown);
        outcome.exitCode = surroundings.interrupted.aborted ? EXIT_CODES.interrupted : failure.exitCode;
        if (!surroundings.interrupted.aborted) output.failure(failure);
      }
    };
}

function outputOf(surroundings: Surroundings, options: { isJson: boolean; isQuiet: boolean }): Output {
  return createOutput(surroundings, options);
}

function createContext(surroundings: Surroundings, output: Output, bridgeAddress: string | null): CommandContext {
  let client: RestClient | undefined;
  return {
    output,
    surroundings,
    bridgeAddress,
    async bridge() {
      client ??= signedInClient(surroundings, await bridgeUrl(surroundings, bridgeAddress));
      return client;
    },
  };
}

function signedInClient(surroundings: Surroundings, url: string): RestClient {
  const { clock, tokens, interrupted } = surroundings;
  if (tokens === undefined) return createRestClient(url, interrupted);
  return createRestClient(url, interrupted, createTokenSource({ clock, tokens }, url, interrupted));
}

async function bridgeUrl(surroundings: Surroundings, bridgeAddress: string | null): Promise<string> {
  if (bridgeAddress !== null) {
    const parsed = parseBridgeAddress(bridgeAddress);
    if (!parsed.ok) throw new CommandFailure(parsed.error);
    return parsed.value;
  }
  return findBridge({
    clock: surroundings.clock,
    openDiscovery: surroundings.openDiscovery,
    probe: (url) =>
      createRestClient(url, surroundings.interrupted)
        .health()
        .then(
          () => true,
          () => false,
        ),
  });
}

/** `error: unknown command 'paly'\n(Did you mean play?)` of the parser, in our words. */
function usageFailure(text: string): CommandFailure {
  const [first = '', ...rest] = text.trim().split('\n');
  const message = first.replace(/^error: /, '');
  const hint = rest
    .join(' ')
    .replace(/^\((.*)\)$/, '$1')
    .trim();
  return new CommandFailure(new TonearmError('input.invalid', message), {
    nextStep: hint === '' ? '`tonearm --help` lists what there is' : hint,
  });
}

/** `-1:30` would be taken for an option; the parser lets only plain negative numbers through. */
function plainSteps(words: readonly string[]): string[] {
  return words.map((word) => {
    const match = /^-(\d{1,4}):(\d{1,2})$/.exec(word);
    return match === null ? word : `-${Number(match[1]) * 60 + Number(match[2])}`;
  });
}
