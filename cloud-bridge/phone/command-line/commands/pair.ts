/** `tonearm pair`: a new speaker comes into the house by the code that it says; alone it lists those that can. */
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { CandidateAnswer } from '../bridge/web-api-wire.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Colours } from '../screen/output.ts';
import { printable } from '../screen/printable.ts';
import { matchName } from '../words/match-name.ts';

const WAYS: Readonly<Record<CandidateAnswer['pairing'], string>> = {
  open: 'can be paired now',
  closed: 'start it anew, or run `tonearm speaker pair` on it',
  owned: 'belongs to another house',
  unknown: 'does not answer',
};

interface PairOptions {
  readonly code?: string;
  readonly address?: string;
}

export function addPair(program: Command, act: Act): void {
  program
    .command('pair')
    .description('take a new speaker into the house by the code that it says; without a code, list new speakers')
    .argument('[speaker...]', 'a name, its beginning, or an id')
    .option('--code <digits>', 'the nine digits that the speaker says, and has in its log')
    .option('--address <host:port>', 'of a speaker that is not found by itself, from its log')
    .action(act(pair));
}

async function pair(context: CommandContext, words: string[], { code, address }: PairOptions): Promise<ExitCode> {
  const bridge = await context.bridge();
  if (code === undefined) {
    const speakers = await bridge.pairingCandidates();
    context.output.data({ speakers }, (colours) => renderCandidates(speakers, colours));
    return EXIT_CODES.ok;
  }
  const speaker = address === undefined ? { speakerId: await choose(context, words.join(' ')) } : { address };
  const { id, name } = await bridge.pair({ ...speaker, code });
  context.output.done({ id, name }, `${printable(name)} belongs to this house now.`);
  return EXIT_CODES.ok;
}

/** Nothing typed: the only one that can be paired. */
async function choose(context: CommandContext, typed: string): Promise<string> {
  const speakers = await (await context.bridge()).pairingCandidates();
  const open = speakers.filter(({ pairing }) => pairing === 'open');
  const [only] = open;
  if (typed === '' && open.length === 1 && only !== undefined) return only.id;
  const match = matchName(speakers, typed);
  if (match.kind === 'one') return match.item.id;
  const names = (match.kind === 'several' ? match.items : open).map(({ name }) => printable(name)).join(', ');
  const message =
    typed === ''
      ? 'say which speaker'
      : match.kind === 'several'
        ? `"${typed}" fits several speakers`
        : `no new speaker is called "${typed}"`;
  const nextStep =
    names === ''
      ? 'none is found that can be paired; is it on, and on this network? else: --address HOST:PORT'
      : `there are: ${names}`;
  throw new CommandFailure(new TonearmError('input.invalid', message, { field: 'SPEAKER' }), {
    nextStep,
    exitCode: EXIT_CODES.usage,
  });
}

function renderCandidates(speakers: readonly CandidateAnswer[], colours: Colours): string[] {
  if (speakers.length === 0) return ['No new speakers on this network.'];
  return speakers.map(({ name, address, pairing }) => {
    const line = `${printable(name)}  ${address}  ${WAYS[pairing]}`;
    return pairing === 'open' ? `${colours.green('●')} ${line}` : `${colours.dim('·')} ${colours.dim(line)}`;
  });
}
