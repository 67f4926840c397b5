import { describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { watchWelcome } from './watch-welcome.ts';

const KITCHEN = speakerId('kitchen-speaker');
const TOKEN = 't'.repeat(43);
const hello = JSON.stringify({
  kind: 'hello',
  protocol: 1,
  speaker: { id: KITCHEN, name: 'Kitchen', model: 'none', version: '0' },
  capabilities: { hasVolume: true, codecs: ['opus'] },
  resume: null,
});
const welcome = (accessToken?: string) =>
  JSON.stringify({
    kind: 'welcome',
    protocol: 1,
    bridge: { id: 'bridge-of-a-house', name: 'House', version: '0' },
    resumeToken: 'r'.repeat(32),
    role: 'standby',
    epoch: 0,
    heartbeatEveryMs: 20_000,
    heartbeatDeadAfterMs: 45_000,
    ...(accessToken === undefined ? {} : { accessToken }),
  });

function watched() {
  const events: string[] = [];
  const watch = watchWelcome({
    adopt: (token, id) => events.push(`adopt ${token} ${id}`),
    ended: (token) => events.push(`ended ${token}`),
  });
  return { events, watch };
}

describe('a welcome that passes a front door', () => {
  it('makes its token good there, as long as the link lives', () => {
    const { events, watch } = watched();
    watch.fromHome('{"kind":"challenge"}');
    watch.toHome(hello);
    watch.fromHome(welcome(TOKEN));
    watch.fromHome(welcome('u'.repeat(43)));
    expect(events).toEqual([`adopt ${TOKEN} ${KITCHEN}`]);
    watch.ended();
    watch.ended();
    expect(events.slice(1)).toEqual([`ended ${TOKEN}`]);
  });

  it('is nothing without a hello, without a token, or after the end', () => {
    const early = watched();
    early.watch.fromHome(welcome(TOKEN));
    const rude = watched();
    rude.watch.toHome('{"kind":"heartbeat","sequence":0}');
    rude.watch.toHome(hello);
    rude.watch.fromHome(welcome(TOKEN));
    const plain = watched();
    plain.watch.toHome(hello);
    plain.watch.fromHome(welcome());
    plain.watch.ended();
    const late = watched();
    late.watch.toHome(hello);
    late.watch.ended();
    late.watch.fromHome(welcome(TOKEN));
    expect([early.events, rude.events, plain.events, late.events]).toEqual([[], [], [], []]);
  });
});
