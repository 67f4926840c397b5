import {
  COMPARE_AFTER_MS,
  COMPARE_ANYWAY_EVERY_MS,
  createInterfaceWatch,
  POLL_EVERY_MS,
} from '#device/adapters/interface-watch/interface-watch';
import { describeNetworkWatch } from '#sim/compliance/network-watch.suite';
import { VirtualNetworkEar } from '#sim/network/virtual-network-ear';
import { VirtualNetworkWatch } from '#sim/network/virtual-network-watch';
import { VirtualClock } from '#sim/world/virtual-clock';

describeNetworkWatch('virtual', async () => {
  const watch = new VirtualNetworkWatch();
  return { watch, readdress: () => watch.change(), pass: async () => undefined, stop: async () => undefined };
});

for (const { kernel, isDeaf, isSilent, passes } of [
  { kernel: 'that tells', isDeaf: false, isSilent: false, passes: COMPARE_AFTER_MS },
  { kernel: 'whose word is lost', isDeaf: false, isSilent: true, passes: COMPARE_ANYWAY_EVERY_MS },
  { kernel: 'that is not heard', isDeaf: true, isSilent: true, passes: POLL_EVERY_MS },
]) {
  describeNetworkWatch(`interfaces, with a kernel ${kernel}`, async () => {
    const clock = new VirtualClock();
    const ear = new VirtualNetworkEar();
    ear.isDeaf = isDeaf;
    let addresses: readonly string[] = ['fe80::1', '10.0.0.1'];
    // In another order each time: that is no change.
    const watch = createInterfaceWatch(clock, ear, () => {
      addresses = addresses.toReversed();
      return addresses;
    });
    return {
      watch,
      readdress: (address) => {
        addresses = ['fe80::1', address];
        if (!isSilent) ear.say();
      },
      pass: () => clock.advance(passes),
      stop: async () => undefined,
    };
  });
}
