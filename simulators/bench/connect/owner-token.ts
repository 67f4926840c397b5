/** Signs a program in as the owner of a new house: by the link that its bridge logs, and a code that the owner allows. */
import * as z from 'zod/mini';
import { comeIn } from '#sim/processes/come-in';
import { RestPhone } from '#sim/processes/rest-phone';

const CLIENT = 'bench';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const deviceSchema = z.object({ device_code: z.string(), user_code: z.string() });
const tokenSchema = z.object({ access_token: z.string() });

/** @returns an access token for all that an owner may do, good for 15 minutes */
export async function ownerToken(link: string): Promise<string> {
  const { url, headers } = await comeIn(link, { name: 'Owner' });
  const phone = new RestPhone(url, headers);
  const asked = deviceSchema.parse(await phone.command('POST', '/api/device', { client_id: CLIENT }));
  await phone.command('POST', '/tonearm/v1/devices/decide', { userCode: asked.user_code, isAllowed: true });
  const body = { grant_type: DEVICE_GRANT, client_id: CLIENT, device_code: asked.device_code };
  return tokenSchema.parse(await phone.command('POST', '/api/token', body)).access_token;
}
