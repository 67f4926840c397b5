/** `tonearm people`, `invite` and `guest`: who lives in the house, and how they come in. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { RestClient } from '../bridge/rest-client.ts';
import type { PersonAnswer } from '../bridge/web-api-wire.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Colours } from '../screen/output.ts';
import { printable } from '../screen/printable.ts';
import { plainName } from '../words/match-name.ts';

const GUEST_HOURS_DEFAULT = 24;
const LINK_HOURS_DEFAULT = 72;
const QR_BORDER_MODULES = 2;

export function addPeople(program: Command, act: Act): void {
  const people = program.command('people').description('the people of the house');
  people.command('list', { isDefault: true }).description('list them').action(act(list));
  people
    .command('remove <name>')
    .description('somebody goes, and is signed out everywhere')
    .action(act((context, name: string) => remove(context, name)));
  people
    .command('role <name>')
    .description('make somebody an owner or a member')
    .addOption(new Option('--to <role>', 'the new role').choices(['owner', 'member']).makeOptionMandatory())
    .action(act((context, name: string, options: { readonly to: string }) => setRole(context, name, options.to)));
  program
    .command('invite <name>')
    .description('a link that lets somebody in, who is added if need be')
    .option('--owner', 'may do everything, as you may')
    .option('--hours <n>', 'how long the link is good', wholeNumber, LINK_HOURS_DEFAULT)
    .option('--uses <n>', 'devices that it lets in', wholeNumber, 1)
    .action(act(invite));
  program
    .command('guest <name>')
    .description('a link for a guest, who may play and queue for a while')
    .option('--hours <n>', 'how long the guest stays', wholeNumber, GUEST_HOURS_DEFAULT)
    .action(act(guest));
}

async function list({ output, bridge }: CommandContext): Promise<ExitCode> {
  const people = await (await bridge()).people();
  output.data({ people }, (colours) => people.map((person) => renderPerson(person, colours)));
  return EXIT_CODES.ok;
}

async function remove({ output, bridge }: CommandContext, name: string): Promise<ExitCode> {
  const client = await bridge();
  const person = await find(client, name);
  await client.removePerson(person.id);
  output.done({ id: person.id, name: person.name }, `${person.name} is gone, and signed out everywhere.`);
  return EXIT_CODES.ok;
}

async function setRole({ output, bridge }: CommandContext, name: string, role: string): Promise<ExitCode> {
  const client = await bridge();
  const person = await client.changePerson((await find(client, name)).id, { role });
  output.done({ ...person }, `${person.name} is ${person.role} now.`);
  return EXIT_CODES.ok;
}

interface InviteOptions {
  readonly owner?: true;
  readonly hours: number;
  readonly uses: number;
}

async function invite(context: CommandContext, name: string, options: InviteOptions): Promise<ExitCode> {
  const client = await context.bridge();
  const known = named(await client.people(), name);
  const person = known ?? (await client.addPerson({ name, role: options.owner === true ? 'owner' : 'member' }));
  return showLink(context, client, person, { hours: options.hours, uses: options.uses });
}

async function guest(context: CommandContext, name: string, options: { readonly hours: number }): Promise<ExitCode> {
  const client = await context.bridge();
  const person = await client.addPerson({ name, role: 'guest', guestHours: options.hours });
  return showLink(context, client, person, { hours: Math.min(options.hours, LINK_HOURS_DEFAULT), uses: 1 });
}

async function showLink(
  { output }: CommandContext,
  client: RestClient,
  person: PersonAnswer,
  options: { readonly hours: number; readonly uses: number },
): Promise<ExitCode> {
  const { link, expiresAtMs } = await client.createLink(person.id, options);
  if (output.stdout.isTty && !output.isJson) {
    output.stdout.write(`\n${renderUnicodeCompact(link, { border: QR_BORDER_MODULES })}\n\n`);
  }
  output.data({ person, link, expiresAtMs }, () => [printable(link)]);
  const until = new Date(expiresAtMs).toLocaleString();
  output.note(`lets in ${person.name} (${person.role}), until ${until}; ${uses(options.uses)}`);
  return EXIT_CODES.ok;
}

function uses(count: number): string {
  return count === 1 ? 'it works once' : `it works ${count} times`;
}

async function find(client: RestClient, name: string): Promise<PersonAnswer> {
  const person = named(await client.people(), name);
  if (person !== undefined) return person;
  const error = new TonearmError('access.account-not-found', `nobody here is called ${JSON.stringify(name)}`);
  throw new CommandFailure(error, { nextStep: '`tonearm people` lists them', exitCode: EXIT_CODES.usage });
}

/** By the whole name: nobody is removed for sharing first letters. */
function named(people: readonly PersonAnswer[], name: string): PersonAnswer | undefined {
  return people.find((person) => plainName(person.name) === plainName(name));
}

function renderPerson(person: PersonAnswer, colours: Colours): string {
  const until = person.expiresAtMs === null ? '' : ` until ${new Date(person.expiresAtMs).toLocaleString()}`;
  return `${printable(person.name)}  ${colours.dim(`${person.role}${until}`)}`;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number above 0.');
}
