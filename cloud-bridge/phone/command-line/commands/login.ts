/** `tonearm login` and `logout`: this user of this machine at that bridge, let in by somebody who is signed in at its page. */
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import {
  beginDevice,
  type DeviceAnswer,
  exchangeDevice,
  revokeToken,
  type TokenAnswer,
} from '../bridge/oauth-client.ts';
import { storedOf } from '../bridge/token-source.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

/** RFC 8628 section 3.5: added to the pause whenever the server says that it is asked too often. */
const SLOWER_BY_S = 5;
const QR_BORDER_MODULES = 2;
const NAME_LENGTH_MAX = 64;
const REFUSALS: Readonly<Record<string, string>> = {
  access_denied: 'it was refused at the page',
  expired_token: 'nobody let it in within ten minutes',
  invalid_grant: 'the bridge knows nothing of it any more; was it restarted?',
};

export function addLogin(program: Command, act: Act): void {
  program.command('login').description('sign in at the bridge, by its page on any device').action(act(login));
  program.command('logout').description('sign out again').action(act(logout));
}

async function login(context: CommandContext): Promise<ExitCode> {
  const { output, surroundings } = context;
  const folder = foldersOf(context);
  const bridge = await context.bridge();
  const begun = await beginDevice(bridge.url, hostname().slice(0, NAME_LENGTH_MAX), surroundings.interrupted);
  show(context, begun);
  const answer = await waitForTokens(context, bridge.url, begun);
  folder.save(storedOf(bridge.url, answer, surroundings.clock.wallMs()));
  const me = await bridge.me();
  output.done(
    { bridge: bridge.url, name: me.name, role: me.role },
    `Signed in at ${bridge.url} as ${me.name} (${me.role}).`,
  );
  return EXIT_CODES.ok;
}

async function logout(context: CommandContext): Promise<ExitCode> {
  const folder = foldersOf(context);
  const { url } = await context.bridge();
  const stored = folder.load(url);
  folder.forget(url);
  if (stored !== null) await revokeToken(url, stored.refreshToken, context.surroundings.interrupted);
  context.output.done({ bridge: url }, `Signed out at ${url}.`);
  return EXIT_CODES.ok;
}

function show({ output }: CommandContext, begun: DeviceAnswer): void {
  if (output.isJson) {
    const { user_code: userCode, verification_uri_complete: link } = begun;
    output.stderr.write(`${JSON.stringify({ link, userCode, expiresInS: begun.expires_in })}\n`);
    return;
  }
  const picture = renderUnicodeCompact(begun.verification_uri_complete, { border: QR_BORDER_MODULES });
  if (output.stderr.isTty) output.stderr.write(`\n${picture}\n`);
  output.stderr.write(
    [
      `\nOpen ${begun.verification_uri_complete}`,
      `on any device that is signed in, and let in the program with the code ${begun.user_code}.\n\n`,
    ].join('\n'),
  );
}

async function waitForTokens(context: CommandContext, url: string, begun: DeviceAnswer): Promise<TokenAnswer> {
  const { clock, interrupted } = context.surroundings;
  const endsAtMs = clock.wallMs() + begun.expires_in * 1_000;
  let everyS = begun.interval;
  while (clock.wallMs() < endsAtMs && !interrupted.aborted) {
    await new Promise<void>((resolve) => {
      clock.setTimer('login-poll', ms(everyS * 1_000), resolve);
      interrupted.addEventListener('abort', () => resolve(), { once: true });
    });
    if (interrupted.aborted) break;
    const answer = await exchangeDevice(url, begun.device_code, interrupted);
    if (typeof answer !== 'string') return answer;
    if (answer === 'slow_down') everyS += SLOWER_BY_S;
    else if (answer !== 'authorization_pending') throw notLetIn(REFUSALS[answer] ?? answer);
  }
  throw notLetIn(REFUSALS['expired_token'] ?? '');
}

function notLetIn(why: string): CommandFailure {
  return new CommandFailure(new TonearmError('access.sign-in-refused', `not signed in: ${why}`), {
    nextStep: '`tonearm login` begins anew',
  });
}

function foldersOf({ surroundings }: CommandContext) {
  if (surroundings.tokens !== undefined) return surroundings.tokens;
  throw new CommandFailure(new TonearmError('storage.failed', 'there is no folder to keep tokens in'));
}
