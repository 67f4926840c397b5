/** How a speaker introduces itself to a bridge, before what proves that it is itself. Spec section 4. */
import type { UpdateListener } from '#device/core/ports/update-listener';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Hello } from '#protocol/wire/hello';
import type { SessionState } from '#protocol/wire/playback-state';
import { PROTOCOL_VERSION } from '#protocol/wire/versions';

export interface HelloFacts {
  readonly speaker: { readonly id: SpeakerId; readonly name: string; readonly model: string; readonly version: string };
  /** Null: it has never been welcomed, or could not keep that it was. */
  readonly resumeToken: NonNullable<Hello['resume']>['token'];
  readonly epoch: number;
  readonly revision: number;
  /** What it plays, where it is the writer. */
  readonly session: SessionState | null;
  /** Undefined: it takes none. */
  readonly takesUpdates: UpdateListener['takes'] | undefined;
}

export function helloOf({ speaker, resumeToken: token, epoch, revision, session, takesUpdates }: HelloFacts): Hello {
  const { id, name, model, version } = speaker;
  const isActive = session !== null;
  const whose = session?.accountId === undefined ? {} : { accountId: session.accountId };
  const takes = { takesHints: true, takesLists: true, takesNames: true, ...(takesUpdates && { takesUpdates }) };
  const resume = { token, epoch, revision, isActive, ...whose };
  return {
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    speaker: { id, name, model, version },
    capabilities: { hasVolume: true, codecs: ['opus'], ...takes },
    // Without a token, but not new: the process before this one may have died before it could store it.
    resume: token === null && !isActive ? null : resume,
  };
}
