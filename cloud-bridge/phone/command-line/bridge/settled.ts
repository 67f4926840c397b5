/**
 * The household once a command shows in it. A command is answered when its speaker has accepted it; what it changed
 * arrives at the bridge a moment later, and a confirmation should speak of that.
 */
import type { Clock } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { RestClient } from './rest-client.ts';

const LOOK_EVERY_MS = ms(60);
/** About a second in all; then the household is shown as it is. */
const LOOKS_MAX = 16;

export async function settled(
  bridge: Pick<RestClient, 'household'>,
  clock: Pick<Clock, 'setTimer'>,
  isSettled: (household: HouseholdSnapshot) => boolean,
): Promise<HouseholdSnapshot> {
  let household = await bridge.household();
  for (let look = 1; look < LOOKS_MAX && !isSettled(household); look += 1) {
    await new Promise<void>((resolve) => clock.setTimer('settled', LOOK_EVERY_MS, resolve));
    household = await bridge.household();
  }
  return household;
}
