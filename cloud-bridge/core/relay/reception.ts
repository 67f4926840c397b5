/**
 * Where speakers come in: hello and role, the newer of two links of one speaker, and what each report means for the
 * session. Its writer's report is the truth; anybody else must not sound. Spec sections 4 and 6.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type BridgeId, resumeToken, type SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { BridgeMessage } from '#protocol/wire/bridge-message';
import { encodeMessage } from '#protocol/wire/envelope';
import type { Challenge, Hello, Welcome } from '#protocol/wire/hello';
import type { StateDifference, StateSnapshot } from '#protocol/wire/playback-state';
import { PROTOCOL_VERSION } from '#protocol/wire/versions';
import type { HouseMeter } from '../ports/house-meter.ts';
import type { AccountSession } from './account-session.ts';
import { Admission, type SentAway } from './admission.ts';
import type { ContextLists } from './context-lists.ts';
import { HeartbeatWheel } from './heartbeat-wheel.ts';
import { COME_BACK_MUCH_LATER, HEARTBEAT_DEAD_AFTER, HEARTBEAT_EVERY } from './limits.ts';
import { chooseRole, type Role } from './role.ts';
import type { Roster } from './roster.ts';
import type { Sessions } from './sessions.ts';
import type { Speaker } from './speaker.ts';
import { type Judgement, SpeakerCheck, type SpeakerTrust } from './speaker-check.ts';
import { SpeakerLink, type SpeakerLinkPorts } from './speaker-link.ts';
import { type Guest, SpeakerVisit, type VisitorsDesk } from './speaker-visit.ts';

const RESUME_TOKEN_LENGTH = 32;

export interface ReceptionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter?: Pick<HouseMeter, 'speakerConnected' | 'speakerDisconnected'>;
}

/** The parts of the household that a speaker's coming, going and reporting moves. */
export interface ReceptionView {
  readonly sessions: Sessions<AccountSession>;
  readonly roster: Roster;
  readonly lists: ContextLists;
  /** Phones have something to be told. */
  changed(): void;
}

export interface ReceptionOptions {
  readonly bridgeId: BridgeId;
  readonly name: string;
  readonly version: string;
  /** Absent: nobody is challenged, and everybody is let in. */
  readonly trust?: SpeakerTrust;
}

export class Reception {
  readonly #ports: ReceptionPorts;
  readonly #view: ReceptionView;
  readonly #options: ReceptionOptions;
  readonly #check: SpeakerCheck | null;
  readonly #links = new Set<SpeakerLink>();
  readonly #linkPorts: SpeakerLinkPorts;
  readonly #admission: Admission;
  readonly #desk: VisitorsDesk;
  #isStopped = false;
  #endedWith = 0;

  constructor(ports: ReceptionPorts, view: ReceptionView, options: ReceptionOptions) {
    this.#ports = ports;
    const { clock, logger } = ports;
    this.#linkPorts = { clock, logger, heartbeats: new HeartbeatWheel(clock) };
    this.#admission = new Admission(ports.random);
    this.#desk = this.#openDesk();
    this.#view = view;
    this.#options = options;
    const { trust, bridgeId } = options;
    this.#check = trust === undefined ? null : new SpeakerCheck(ports.random, trust, bridgeId);
  }

  /** @param how `takesChallenge`: it has said that it knows that message */
  accept(link: TransportLink, how: { readonly takesChallenge?: boolean } = {}): void {
    if (this.#isStopped) {
      sendAway(link, { reason: 'the bridge is ending', retryAfter: this.#admission.returnAfterEnd(this.#endedWith) });
      return;
    }
    const away = this.#admission.enter(this.#links.size);
    if (away !== null) {
      this.#ports.logger.debug('speaker.sent-away', { reason: away.reason });
      sendAway(link, away);
      return;
    }
    const challenge = how.takesChallenge === true ? (this.#check?.challenge() ?? null) : null;
    const visit = new SpeakerVisit(this.#desk, challenge);
    this.#links.add(new SpeakerLink(this.#linkPorts, link, visit, challenge));
  }

  /** Sends every speaker away, to come back when the bridge is there again, and not all in the same moment. */
  stop(): void {
    this.#isStopped = true;
    this.#endedWith = this.#links.size;
    for (const link of [...this.#links]) {
      link.dismiss(null, this.#admission.returnAfterEnd(this.#endedWith), CLOSE_CODES.goingAway);
    }
  }

  /** It is not of this house any more: its link ends, and its tokens are good for nothing. */
  forget(id: SpeakerId): void {
    this.#options.trust?.passes.revoke(id);
    const error = new TonearmError('connect.not-paired', 'this speaker was forgotten here');
    this.#view.roster.find(id)?.link?.dismiss(error, COME_BACK_MUCH_LATER, CLOSE_CODES.identityRefused);
  }

  #openDesk(): VisitorsDesk {
    return {
      greet: (hello, challenge) => this.#greet(hello, challenge),
      greeted: () => this.#admission.greeted(),
      opened: (guest, link) => {
        this.#ports.meter?.speakerConnected(guest.speaker.known.id);
        this.#attach(guest, link);
      },
      reported: (speaker, link, message) => this.#take(speaker, link, message),
      listed: (speaker, link, part) => {
        if (this.#view.lists.take(link, part)) this.#followAgain(speaker);
      },
      ended: (guest, link, closeCode) => {
        this.#links.delete(link);
        if (guest === null) return;
        this.#ports.meter?.speakerDisconnected(guest.speaker.known.id, closeCode);
        if (guest.pass !== null) this.#options.trust?.passes.ended(guest.pass);
        if (guest.speaker.link === link) this.#detach(guest.speaker);
      },
    };
  }

  async #greet(
    hello: Hello,
    challenge: Challenge | null,
  ): Promise<Result<{ guest: Guest; welcome: Welcome }, TonearmError>> {
    const { random, logger, clock } = this.#ports;
    const judged = await this.#judge(hello, challenge);
    if (!judged.ok) return judged;
    const speaker = await this.#view.roster.register({
      ...hello.speaker,
      name: judged.value.name ?? hello.speaker.name,
    });
    if (speaker === null) return refused(new TonearmError('session.busy', 'too many speakers are known here'));
    const role = await this.#assign(speaker, hello);
    if (!role.ok) return role;
    logger.info('speaker.connected', { speakerId: hello.speaker.id, name: hello.speaker.name, role: role.value.kind });
    const { bridgeId: id, name, version } = this.#options;
    const token = resumeToken(random.token(RESUME_TOKEN_LENGTH));
    if (speaker.links.welcomed(hello.resume?.token ?? null, token, clock.nowUs())) this.#doubled(speaker);
    const welcome: Welcome = {
      kind: 'welcome',
      protocol: PROTOCOL_VERSION,
      bridge: { id, name, version },
      ...(speaker.known.name === hello.speaker.name ? {} : { name: speaker.known.name }),
      resumeToken: token,
      role: role.value.kind,
      epoch: role.value.epoch,
      heartbeatEveryMs: HEARTBEAT_EVERY,
      heartbeatDeadAfterMs: HEARTBEAT_DEAD_AFTER,
    };
    const pass = this.#options.trust?.passes.issue(hello.speaker.id) ?? null;
    const guest: Guest = { speaker, pass, isProven: judged.value.isProven };
    return ok({ guest, welcome: pass === null ? welcome : { ...welcome, accessToken: pass } });
  }

  async #judge(hello: Hello, challenge: Challenge | null): Promise<Result<Judgement, TonearmError>> {
    const judged = (await this.#check?.judge(hello, challenge)) ?? ok({ isProven: false, name: null });
    if (!judged.ok) {
      const { code, message } = judged.error;
      this.#ports.logger.warn('speaker.refused', { speakerId: hello.speaker.id, code, reason: message });
      return judged;
    }
    const older = this.#view.roster.find(hello.speaker.id);
    if (judged.value.isProven || older === null || older.link === null || !older.isProven) return judged;
    this.#alarm(older);
    return refused(impostor());
  }

  /** Somebody uses an id that is not its own. */
  #alarm({ known }: Speaker): void {
    this.#options.trust?.alarms.idClaimedTwice();
    const reason = 'two speakers claim this id, and one cannot prove it';
    this.#ports.logger.error('speaker.id-claimed-twice', { speakerId: known.id, name: known.name, reason });
  }

  /** Somebody has copied the folder in which it keeps its key. */
  #doubled({ known }: Speaker): void {
    this.#options.trust?.alarms.identityDoubled();
    const reason =
      'two machines have this key and take each other’s place; `tonearm speaker reset` on one makes it another';
    this.#ports.logger.error('identity.doubled', { speakerId: known.id, name: known.name, reason });
  }

  /** Makes it the writer or not, and stores that before it is told so. */
  async #assign(speaker: Speaker, { resume }: Hello): Promise<Result<Role, TonearmError>> {
    const { sessions } = this.#view;
    const { record: session, conductor } = sessions.of(resume?.accountId);
    const { id } = speaker.known;
    if (resume !== null) session.noteEpoch(resume.epoch);
    const { epoch, activeSpeakerId } = session;
    const role = chooseRole(id, resume, { epoch, activeSpeakerId, othersEpoch: sessions.othersEpochOn(id, session) });
    if (role.kind === 'standby') {
      // Its older link may not have noticed yet that this speaker was restarted and plays no more.
      sessions.writtenBy(id)?.record.keep();
      return ok(role);
    }
    const previous = session.writerId;
    session.become(id, role.epoch);
    // What it plays it says itself in its snapshot; until then what the bridge remembers is shown.
    conductor.fence(speaker, previous);
    if (!role.isNews) return ok(role);
    const saved = await session.save();
    if (saved.ok) return ok(role);
    session.keep();
    return saved;
  }

  #attach({ speaker, isProven }: Guest, own: SpeakerLink): void {
    const older = speaker.link;
    if (older !== null && speaker.isProven && !isProven) {
      // It came while this one was being greeted.
      this.#alarm(speaker);
      own.dismiss(impostor(), COME_BACK_MUCH_LATER, CLOSE_CODES.identityRefused);
      return;
    }
    const wasProven = speaker.isProven;
    speaker.attach(own, isProven);
    if (older !== null && isProven && !wasProven) {
      this.#alarm(speaker);
      older.dismiss(impostor(), COME_BACK_MUCH_LATER, CLOSE_CODES.identityRefused);
    } else if (older !== null) {
      const error = new TonearmError('connect.replaced', 'the same speaker has connected anew');
      older.dismiss(error, COME_BACK_MUCH_LATER, CLOSE_CODES.replaced);
    }
    this.#view.changed();
  }

  #detach(speaker: Speaker): void {
    speaker.detach();
    this.#ports.logger.info('speaker.disconnected', { speakerId: speaker.known.id, name: speaker.known.name });
    this.#view.sessions.writtenBy(speaker.known.id)?.record.keep();
    this.#view.changed();
  }

  #take(speaker: Speaker, own: SpeakerLink, message: StateSnapshot | StateDifference): void {
    if (speaker.link === own) speaker.links.heard();
    if (!speaker.take(message)) {
      own.askForState();
      return;
    }
    const report = speaker.report;
    if (report !== null) {
      this.#view.sessions.noteEpoch(report.epoch);
      this.#follow(speaker, report);
    }
    this.#view.changed();
  }

  /** The list that its report named has come. */
  #followAgain(speaker: Speaker): void {
    if (speaker.report !== null) this.#follow(speaker, speaker.report);
    this.#view.changed();
  }

  /** What a speaker's report means for the session that it is of: its writer's is the truth, anybody else's must not sound. */
  #follow(speaker: Speaker, report: StateSnapshot): void {
    const { sessions } = this.#view;
    const { id } = speaker.known;
    const reported = report.session;
    if (reported === null) {
      const written = sessions.writtenBy(id)?.record ?? null;
      if (written !== null && report.epoch >= written.epoch) written.keep();
      return;
    }
    const { record: session, conductor } = sessions.of(reported.accountId);
    const isWriter = session.writerId === id;
    const isFirstClaim = report.epoch === session.epoch && (session.activeSpeakerId ?? id) === id;
    if (!isWriter && (report.epoch > session.epoch || isFirstClaim)) {
      const previous = session.writerId;
      session.become(id, report.epoch);
      // Somebody else's came to it after this one: the report is older than that.
      if (session.writerId !== id) return;
      conductor.fence(speaker, previous);
    } else if (!isWriter) {
      if (speaker.releasedIn < session.epoch) conductor.release(speaker);
      return;
    } else if (report.epoch < session.epoch) {
      // Sent before it became the writer again in the newer epoch.
      return;
    }
    const state = this.#view.lists.unfold(reported);
    if (state === null) {
      if (reported.queue.list !== undefined) speaker.link?.askForList(reported.queue.list.id);
      return;
    }
    session.timed = { state, positionAtUs: speaker.positionAtUs };
    session.history.observe(state, this.#ports.clock.wallMs());
    session.saveSoon();
  }
}

function sendAway(link: TransportLink, { reason, retryAfter }: SentAway): void {
  link.listen({ received: () => undefined, closed: () => undefined });
  const error = new TonearmError('session.busy', reason).toBody();
  const goodbye: BridgeMessage = { kind: 'goodbye', error, retryAfterMs: retryAfter };
  link.send(encodeMessage(goodbye));
  link.close(CLOSE_CODES.tryLater, reason);
}

function impostor(): TonearmError {
  return new TonearmError('connect.identity-refused', 'somebody else has proven that this id is its own');
}
