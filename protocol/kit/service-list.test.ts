import { describe, expect, it } from 'vitest';
import type { FoundService } from '#protocol/ports/discovery';
import { createServiceList, SERVICES_MAX } from './service-list.ts';

function service(name: string, port = 1): FoundService {
  return { type: 'tonearm', name, port, txt: {}, host: 'h.local', addresses: ['192.0.2.1'] };
}

function stage() {
  const told: string[] = [];
  const list = createServiceList({
    found: ({ name, port }) => told.push(`found ${name}:${port}`),
    lost: (name) => told.push(`lost ${name}`),
  });
  return { told, list };
}

describe('service list', () => {
  it('tells each service once, and again when it changed', () => {
    const { told, list } = stage();
    list.seen(service('a'));
    list.seen(service('a'));
    list.seen(service('a', 2));
    list.gone('a');
    list.gone('a');
    list.seen(service('a', 2));
    expect(told).toEqual(['found a:1', 'found a:2', 'lost a', 'found a:2']);
  });

  it('loses on another network what does not show up again', () => {
    const { told, list } = stage();
    list.seen(service('a'));
    list.seen(service('b'));
    list.beginSweep();
    list.seen(service('b'));
    list.seen(service('c'));
    list.endSweep();
    expect(told).toEqual(['found a:1', 'found b:1', 'found c:1', 'lost a']);
  });

  it('has room for a bounded number', () => {
    const { told, list } = stage();
    for (let index = 0; index < SERVICES_MAX + 5; index += 1) list.seen(service(`s${index}`));
    expect(told).toHaveLength(SERVICES_MAX);
  });
});
