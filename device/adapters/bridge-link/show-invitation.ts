/** A link on a terminal, as a picture for a phone's camera and as text. */
import { renderUnicodeCompact } from 'uqr';
import type { LinkInvitation } from './link-speaker.ts';

const QR_BORDER_MODULES = 2;

export function showInvitation({ link, page, userCode }: LinkInvitation): string {
  const picture = renderUnicodeCompact(link, { border: QR_BORDER_MODULES });
  return `${picture}\n\nOpen ${link}\n  or ${page} and type ${userCode}\n`;
}
