/**
 * Which process tests run with nothing beside them: those that listen to loudspeakers, measure memory, time or collection of
 * garbage, or are on the network that all programs of this machine share. Whatever listens is found by its loudspeakers
 * (`PrivatePulseaudio`); a test sees to it that it stands here. The others mostly wait, and run two at a time.
 */
export const TESTS_ALONE: readonly string[] = [
  // They listen.
  'simulators/compliance/native-sink.process.test.ts',
  'simulators/compliance/node-speaker-sink.process.test.ts',
  'simulators/compliance/pulse-rewind.process.test.ts',
  'simulators/scenarios/address-change.process.test.ts',
  'simulators/scenarios/edge-failover.process.test.ts',
  'simulators/scenarios/hand-over.process.test.ts',
  'simulators/scenarios/killed-bridge.process.test.ts',
  'simulators/scenarios/killed-speaker.process.test.ts',
  'simulators/scenarios/lying-region.process.test.ts',
  'simulators/scenarios/real-household.process.test.ts',
  'simulators/scenarios/stopped-speaker.process.test.ts',
  'simulators/scenarios/unplugged-speaker.process.test.ts',
  // They measure.
  'device/adapters/memory-trim/trim-memory.process.test.ts',
  'device/adapters/worker-audio-engine/worker-audio-engine.process.test.ts',
  'device/app/audio-worker.process.test.ts',
  'device/app/board.process.test.ts',
  'protocol/adapters/system-clock.process.test.ts',
  'simulators/command-line/commands/network.process.test.ts',
  'simulators/compliance/board-ports.process.test.ts',
  'simulators/compliance/clock.process.test.ts',
  'simulators/compliance/native-memory.process.test.ts',
  'simulators/crowd/crowd.process.test.ts',
  'simulators/proxy/network-proxy.process.test.ts',
  'simulators/replay/recorded-evening.process.test.ts',
  'simulators/scenarios/log-flood.process.test.ts',
  // They say their names on the network of this machine.
  'protocol/adapters/bonjour-discovery.process.test.ts',
  'protocol/adapters/bonjour-malformed.process.test.ts',
  'simulators/compliance/discovery.process.test.ts',
  'simulators/rooms/rooms.process.test.ts',
  'simulators/scenarios/pairing.process.test.ts',
  'simulators/scenarios/real-discovery.process.test.ts',
];
