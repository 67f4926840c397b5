import { COMPARE_EVERY_MS, createInterfaceWatch } from '#device/adapters/interface-watch/interface-watch';
import { describeNetworkWatch } from '#sim/compliance/network-watch.suite';
import { VirtualNetworkWatch } from '#sim/network/virtual-network-watch';
import { VirtualClock } from '#sim/world/virtual-clock';

describeNetworkWatch('virtual', async () => {
  const watch = new VirtualNetworkWatch();
  return { watch, readdress: () => watch.change(), pass: async () => undefined, stop: async () => undefined };
});

describeNetworkWatch('interfaces', async () => {
  const clock = new VirtualClock();
  let addresses: readonly string[] = ['fe80::1', '10.0.0.1'];
  // In another order each time: that is no change.
  const watch = createInterfaceWatch(clock, () => {
    addresses = addresses.toReversed();
    return addresses;
  });
  return {
    watch,
    readdress: (address) => {
      addresses = ['fe80::1', address];
    },
    pass: () => clock.advance(COMPARE_EVERY_MS),
    stop: async () => undefined,
  };
});
