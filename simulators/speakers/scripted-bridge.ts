/**
 * A bridge that does what a test tells it to and nothing else: it greets, answers probes and heartbeats if it is to,
 * remembers what it was sent, and says whatever it is given, also what no bridge should.
 */
import type { Clock } from '#protocol/ports/clock';
import { CLOSE_CODES, type CloseCode, type TransportLink } from '#protocol/ports/transport';
import { bridgeId, commandId, resumeToken } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { ms, us } from '#protocol/vocabulary/units';
import type { BridgeMessage } from '#protocol/wire/bridge-message';
import type { Answer, CommandBody } from '#protocol/wire/command';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { Hello, Welcome } from '#protocol/wire/hello';
import { applyStateDifference, type StateSnapshot } from '#protocol/wire/playback-state';
import { type SpeakerMessage, speakerMessageSchema } from '#protocol/wire/speaker-message';

const DEADLINE_DEFAULT = ms(5_000);

export class ScriptedBridge {
  /** Everything the speaker said, over all links, in order; time probes and heartbeats apart. */
  readonly messages: SpeakerMessage[] = [];
  readonly hellos: Hello[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  heartbeats = 0;
  probes = 0;
  /** What the differences add up to; null before the first snapshot of the newest link. */
  state: StateSnapshot | null = null;
  welcome: Welcome = {
    kind: 'welcome',
    protocol: 1,
    bridge: { id: bridgeId('bridge-under-test'), name: 'Bridge', version: '1' },
    resumeToken: resumeToken('resume-token-1'),
    role: 'standby',
    epoch: 0,
    heartbeatEveryMs: ms(20_000),
    heartbeatDeadAfterMs: ms(45_000),
  };
  isWelcoming = true;
  isAlive = true;
  /** Of the bridge's clock, against the speaker's. */
  clockOffsetUs = 0;
  readonly #clock: Clock;
  #link: TransportLink | null = null;
  #commands = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For `network.listen`. */
  readonly accept = (link: TransportLink): void => {
    this.#link = link;
    this.state = null;
    link.listen({
      received: (text) => this.#received(link, text),
      closed: (code, reason) => this.closes.push({ code, reason }),
    });
  };

  say(message: BridgeMessage): void {
    this.sayText(encodeMessage(message));
  }

  sayText(text: string): void {
    assert(this.#link !== null, 'a speaker has connected');
    this.#link.send(text);
  }

  hangUp(code: CloseCode = CLOSE_CODES.goingAway): void {
    this.#link?.close(code, 'hung up');
  }

  /** @returns the id under which the answer will come */
  command(body: CommandBody, options: { epoch?: number; deadlineMs?: number; id?: string } = {}): string {
    this.#commands += 1;
    const id = options.id ?? `command-${this.#commands}`;
    const deadlineMs = options.deadlineMs === undefined ? DEADLINE_DEFAULT : ms(options.deadlineMs);
    this.say({ kind: 'command', id: commandId(id), epoch: options.epoch ?? this.welcome.epoch, deadlineMs, body });
    return id;
  }

  answers(id: string): Answer[] {
    return this.messages.filter((message) => message.kind === 'answer').filter((answer) => answer.id === id);
  }

  /** The one answer to a command, in brief: `accepted`, `superseded`, or the code of the refusal. */
  outcome(id: string): string | null {
    const [answer] = this.answers(id);
    if (answer === undefined) return null;
    return answer.outcome.kind === 'refused' ? answer.outcome.error.code : answer.outcome.kind;
  }

  #received(link: TransportLink, text: string): void {
    const parsed = parseMessage(speakerMessageSchema, text, 'message from the speaker');
    if (!parsed.ok) throw parsed.error;
    const message = parsed.value;
    switch (message.kind) {
      case 'heartbeat':
        this.heartbeats += 1;
        if (this.isAlive)
          link.send(encodeMessage({ kind: 'heartbeatAnswer', sequence: message.sequence } as BridgeMessage));
        return;
      case 'timeProbe': {
        this.probes += 1;
        const t2Us = us(this.#clock.nowUs() + this.clockOffsetUs);
        const reply: BridgeMessage = { ...message, kind: 'timeReply', t2Us, t3Us: t2Us };
        if (this.isAlive) link.send(encodeMessage(reply));
        return;
      }
      case 'hello':
        this.hellos.push(message);
        if (this.isWelcoming) link.send(encodeMessage(this.welcome));
        return;
      default:
        this.messages.push(message);
        this.#follow(message);
    }
  }

  /** A real bridge would ask for a snapshot; here a difference that does not follow is the speaker's bug. */
  #follow(message: SpeakerMessage): void {
    if (message.kind === 'stateSnapshot') this.state = message;
    if (message.kind !== 'stateDifference') return;
    assert(this.state !== null, 'a snapshot comes before the first difference');
    const next = applyStateDifference(this.state, message);
    if (!next.ok) throw next.error;
    this.state = next.value;
  }
}
