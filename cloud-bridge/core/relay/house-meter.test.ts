import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { speakerId } from '#protocol/vocabulary/ids';
import { ms, percent, us } from '#protocol/vocabulary/units';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import { renderPrometheus } from '../services/content/prometheus-text.ts';

async function room(): Promise<RelayRoom> {
  const it = new RelayRoom();
  await it.start();
  return it;
}

function counted(house: RelayRoom, start: string): string[] {
  const lines = renderPrometheus(house.counts.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(start));
}

describe('what the relay counts', () => {
  it('commands of phones, by kind and outcome, and how long they took', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const play = { kind: 'play', contextUri: null, trackIds: [trackNumber(1)], index: 0, positionMs: ms(0) } as const;
    await house.ask({ ...play, speakerId: speakerId(kitchen.id) });
    await house.ask({ kind: 'pause', speakerId: speakerId('nobody-is-here') });
    expect(counted(house, 'tonearm_commands_total{')).toEqual([
      'tonearm_commands_total{type="play",result="ok"} 1',
      'tonearm_commands_total{type="pause",result="session.speaker-not-found"} 1',
    ]);
    expect(counted(house, 'tonearm_command_duration_seconds_count')).toEqual([
      'tonearm_command_duration_seconds_count 2',
    ]);
    const [sum = ''] = counted(house, 'tonearm_command_duration_seconds_sum');
    // There and back, a millisecond each.
    expect(Number(sum.split(' ')[1])).toBeGreaterThanOrEqual(0.002);
  });

  it('speakers that come back, by why they had gone', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    expect(counted(house, 'tonearm_ws_reconnects_total{')).toEqual([]);
    kitchen.hangUp(CLOSE_CODES.heartbeatLost);
    await house.run(ms(200));
    await house.connected('kitchen');
    expect(counted(house, 'tonearm_ws_reconnects_total{')).toEqual([
      'tonearm_ws_reconnects_total{reason="heartbeatLost"} 1',
    ]);
  });
});

it('whoever watches is shown every speaker, with its clock once it is known', async () => {
  const house = await room();
  const kitchen = await house.connected('kitchen');
  expect(house.household.facts().speakers).toMatchObject([{ name: 'kitchen', isOnline: true }]);
  expect(house.household.facts().speakers[0]?.clock).toBeUndefined();
  const status = { volume: percent(40), output: 'virtual', outputProblem: null, bufferedMs: ms(0), underruns: 0 };
  const clock = { offsetUs: us(-12_340), errorUs: us(260), positionAtUs: us(0) };
  const header = { kind: 'stateSnapshot', epoch: 0, revision: 1, positionAgeUs: us(0) } as const;
  kitchen.say({ ...header, clock, session: null, speaker: status });
  await house.run(ms(50));
  expect(house.household.facts().speakers[0]?.clock).toEqual({ offsetMs: -12.3, errorMs: 0.3 });
});
