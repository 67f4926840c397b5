/**
 * Nobody should jump because the music moved: where a hand-over makes another speaker sound, that one is not much louder
 * than the one before, whatever it was turned to; unless somebody has just turned it. For houses of one person: where another
 * has just taken the speaker, the music has no speaker to be compared with.
 */
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { DeviceView } from '#device/core/device';
import type { CommandAudit } from './command-audit.ts';

/** Points of volume that people do not jump at; what the bridge allows. */
const LOUDER_MAX = 10;
/** A speaker that fell silent so long before another one began has handed its music over. */
const JUST_BEFORE_US = 3_000_000;
/** Somebody turned a knob so lately that the bridge may not have known. */
const TURNED_LATELY_US = 5_000_000;

/** What is asked of a speaker that is heard. */
export interface HeardSpeaker {
  readonly name: string;
  view(): {
    readonly session: Pick<NonNullable<DeviceView['session']>, 'accountId'> | null;
    readonly speaker: Pick<DeviceView['speaker'], 'volume'>;
    readonly epoch: number;
  } | null;
}

interface Heard {
  readonly speaker: HeardSpeaker;
  readonly volume: number;
  readonly epoch: number;
  readonly atUs: number;
}

export interface VolumeWatch {
  /** @param sounding those that are heard now @returns what is wrong, or null */
  check(sounding: readonly HeardSpeaker[], nowUs: number): string | null;
}

/** @param bridgeKnows whether the bridge that runs now has heard of such a speaker how loud it is */
export function createVolumeWatch(
  audit: Pick<CommandAudit, 'lastTold' | 'lastMovedStill' | 'lastGivenTo'>,
  bridgeKnows: (speaker: string) => boolean,
): VolumeWatch {
  /** Who was heard last of each session, by its account. */
  const last = new Map<string, Heard>();
  let soundingBefore: readonly HeardSpeaker[] = [];
  const isLately = (
    name: string,
    kind: Parameters<typeof audit.lastTold>[1],
    nowUs: number,
    withinUs: number,
  ): boolean => nowUs - audit.lastTold(name, kind) <= withinUs;

  function checkOne(speaker: HeardSpeaker, nowUs: number): string | null {
    const view = speaker.view();
    if (view === null || view.session === null) return null;
    const account = view.session.accountId ?? HOUSE_ACCOUNT;
    const { name } = speaker;
    const { volume } = view.speaker;
    const { epoch } = view;
    const before = last.get(account);
    // One that is cut off goes on with what has long been moved from it: nobody's music comes from there.
    const isLeftOver = before !== undefined && epoch < before.epoch && nowUs - before.atUs <= JUST_BEFORE_US;
    if (isLeftOver) return null;
    last.set(account, { speaker, volume, epoch, atUs: nowUs });
    if (before === undefined || before.speaker === speaker || soundingBefore.includes(speaker)) return null;
    if (nowUs - before.atUs > JUST_BEFORE_US) return null;
    const isHandedOver =
      isLately(name, 'commit', nowUs, JUST_BEFORE_US) && !isLately(name, 'play', nowUs, JUST_BEFORE_US);
    const isTurned = [name, before.speaker.name].some((it) => isLately(it, 'setVolume', nowUs, TURNED_LATELY_US));
    const isViaAnother =
      nowUs - Math.max(audit.lastMovedStill(), audit.lastGivenTo([name, before.speaker.name])) <= TURNED_LATELY_US;
    if (!isHandedOver || isTurned || isViaAnother || volume <= before.volume + LOUDER_MAX) return null;
    // A bridge that was started anew cannot say how loud who has not come back to it is.
    const isStranger =
      !bridgeKnows(before.speaker.name) || isLately(before.speaker.name, 'link', nowUs, TURNED_LATELY_US);
    if (isStranger) return null;
    return `the music went from ${before.speaker.name} at ${before.volume} % to ${name} at ${volume} %`;
  }

  return {
    check: (sounding, nowUs) => {
      const problem = sounding.map((speaker) => checkOne(speaker, nowUs)).find((it) => it !== null) ?? null;
      soundingBefore = sounding;
      return problem;
    },
  };
}
