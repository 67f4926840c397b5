/**
 * Draws one simulated household for a report: looks at it while its plan is played, between the steps and without a timer of its own,
 * so that who is looked at lives the same life as who is not.
 */
import { positionNow } from '#bridge/phone/command-line/bridge/household-mirror';
import { FRAMES_PER_SECOND, type Ms, ms } from '#protocol/vocabulary/units';
import type { VirtualPhone } from '#sim/phones/virtual-phone';
import { RunRecorder } from '#sim/report/run-recorder';
import { EVENTS_MAX, type ReportEvent, type RunReport } from '#sim/report/run-report';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World } from '#sim/world/world';
import type { HousePlan } from './house-plan.ts';
import type { PlanOutcome } from './play-plan.ts';
import { linesOf, type StoryLine } from './tell-story.ts';

const MS_PER_S = 1_000;
const US_PER_MS = 1_000;
/** Looks at a house of any length: a line of the report holds as many points, and two more for each spike. */
const LOOKS = 600;
/** Of houses that are over soon. */
const LOOK_EVERY_MS_MIN = 500;

/** What is drawn of a run. */
export type WorldPicture = Pick<RunReport, 'series' | 'events' | 'duration'>;

export class WorldRecord {
  /** How often `look` is to be called, in virtual time. */
  readonly every: Ms;
  readonly #plan: HousePlan;
  #recorder: RunRecorder | null = null;

  constructor(plan: HousePlan) {
    this.#plan = plan;
    this.every = ms(Math.max(LOOK_EVERY_MS_MIN, plan.lastsMs / LOOKS));
  }

  /** Begins with the first look: when everybody is up. */
  look(world: World): void {
    this.#recorder ??= new RunRecorder(world.clock, { kind: 'world', title: '', startedAt: null, parameters: {} });
    const recorder = this.#recorder;
    for (const speaker of world.speakers) lookAtSpeaker(recorder, speaker);
    for (const phone of world.phones) {
      const error = positionErrorMs(world, phone);
      if (error !== null) recorder.sample('position error', phone.name, 'position error', 'ms', error);
    }
    const connected = world.speakers.filter((it) => it.view()?.connection.kind === 'connected').length;
    recorder.sample('sockets', null, 'speakers connected', '', connected);
    recorder.sample('sockets', null, 'phones connected', '', world.phones.filter((it) => it.isConnected()).length);
  }

  /** @param failure null: every promise was kept */
  picture(failure: PlanOutcome['failure']): WorldPicture {
    const { series = [], duration = 0 } = this.#recorder?.report('passed') ?? {};
    const lines = this.#plan.steps
      .flatMap(linesOf)
      .filter(({ atMs }) => atMs <= (failure?.atMs ?? Number.POSITIVE_INFINITY));
    const isPress = ({ kind }: StoryLine): boolean => kind === 'command';
    const events = [...lines.filter((line) => !isPress(line)), ...lines.filter(isPress)]
      // Of a house of many days the presses at its end are the first to be left out.
      .slice(0, EVENTS_MAX - 1)
      .map(({ atMs, name, who, what, kind }): ReportEvent => {
        return { at: atMs / MS_PER_S, who, what: `${what} (${name})`, kind };
      });
    if (failure !== null) {
      events.push({ at: failure.atMs / MS_PER_S, who: 'house', what: failure.message, kind: 'problem' });
    }
    return { series, duration, events: events.sort((one, other) => one.at - other.at) };
  }
}

function lookAtSpeaker(recorder: RunRecorder, speaker: VirtualSpeaker): void {
  const status = speaker.view()?.speaker;
  const { name } = speaker;
  // Switched off or dead: there is nothing in it.
  recorder.sample('buffer', name, 'buffer', 's', (status?.bufferedMs ?? 0) / MS_PER_S);
  recorder.sample('sounding', name, 'sounding', '', speaker.isSounding() ? 1 : 0);
  if (status === undefined) return;
  recorder.sample('volume', name, 'volume', '%', status.volume);
  recorder.sample('underruns', name, 'underruns', '', status.underruns);
  if (typeof status.qualityKbps === 'number') recorder.sample('quality', name, 'quality', 'kbit/s', status.qualityKbps);
}

/** How far what the phone shows is from what is heard; null where the two are not about the same. */
function positionErrorMs(world: World, phone: VirtualPhone): number | null {
  const session = phone.view()?.session;
  const toldUs = phone.viewedAtUs();
  if (session?.playback !== 'playing' || toldUs === null) return null;
  const speaker = world.speakers.find((it) => it.view()?.id === session.activeSpeakerId);
  const heard = speaker?.heardPositionFrames() ?? null;
  if (heard === null || speaker?.isSounding() !== true || speaker.heardTrack() !== session.track?.id) return null;
  const ageMs = ms((world.clock.nowUs() - toldUs) / US_PER_MS);
  return Math.abs(positionNow(session, ageMs) - (heard / FRAMES_PER_SECOND) * MS_PER_S);
}
