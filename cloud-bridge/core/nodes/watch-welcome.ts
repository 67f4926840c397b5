/**
 * The token that the home gives a speaker is for requests to the bridge whose socket it uses, which is this one: so it is
 * learnt from the welcome as it passes, and forgotten with the link. Spec 4.9.
 */

import type { SpeakerId } from '#protocol/vocabulary/ids';
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import { parseMessage } from '#protocol/wire/envelope';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';
import type { SpeakerPasses } from '../relay/speaker-passes.ts';
import type { TrafficWatch } from './front-door.ts';

export function watchWelcome(passes: Pick<SpeakerPasses, 'adopt' | 'ended'>): TrafficWatch {
  let speakerId: SpeakerId | null = null;
  let token: string | null = null;
  let isDone = false;
  return {
    toHome: (text) => {
      if (speakerId !== null || isDone) return;
      const hello = parseMessage(speakerMessageSchema, text, 'hello');
      // Whatever else it begins with is refused at the home.
      isDone = !hello.ok || hello.value.kind !== 'hello';
      if (hello.ok && hello.value.kind === 'hello') speakerId = hello.value.speaker.id;
    },
    fromHome: (text) => {
      if (isDone || speakerId === null) return;
      const message = parseMessage(bridgeMessageSchema, text, 'welcome');
      if (!message.ok || message.value.kind !== 'welcome') return;
      isDone = true;
      token = message.value.accessToken ?? null;
      if (token !== null) passes.adopt(token, speakerId);
    },
    ended: () => {
      isDone = true;
      if (token !== null) passes.ended(token);
      token = null;
    },
  };
}
