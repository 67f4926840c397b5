/** The dashboard and the alerts ask for nothing that no bridge tells, and promtool, where it is installed, likes both. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processFigures } from '#bridge/adapters/process-figures/process-figures';
import { ContentCounts } from '#bridge/core/services/content/content-counts';
import { renderPrometheus } from '#bridge/core/services/content/prometheus-text';
import { BusCounts } from '#bridge/core/services/house-bus/bus-counts';
import { HouseCounts } from '#bridge/core/services/metrics/house-counts';
import { houseFigures } from '#bridge/core/services/metrics/house-figures';
import { SpeakerAlarmCounts } from '#bridge/core/services/speakers/speaker-alarm-counts';
import { ms } from '#protocol/vocabulary/units';
import { KITCHEN, RecordingHousehold } from '#sim/relay/recording-household';

const DASHBOARD = join(import.meta.dirname, 'tonearm.grafana.json');
const RULES = join(import.meta.dirname, 'tonearm.rules.yml');
/** Prometheus' own, of every scrape. */
const PROMETHEUS_OWN = ['up'];
const HISTOGRAM_PARTS = /_(?:bucket|sum|count)$/;

/** As a bridge shows it that has seen a little of everything. */
function exposition(): string {
  const house = new HouseCounts();
  house.socketOpened('speaker');
  house.speakerConnected(KITCHEN);
  house.speakerDisconnected(KITCHEN, 4003);
  house.speakerConnected(KITCHEN);
  house.requestAnswered('play', null, ms(3));
  house.pairingRefused('pairing.refused');
  const content = new ContentCounts();
  content.answered('file', 206);
  const parts = [
    ...processFigures('1.0.0'),
    ...house.metrics(),
    ...houseFigures(new RecordingHousehold().facts()),
    ...new BusCounts().metrics(),
    ...new SpeakerAlarmCounts().metrics(),
  ];
  return content.render(0) + renderPrometheus(parts);
}

function told(): Set<string> {
  return new Set([...exposition().matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
}

/** Every word of an expression that is named like a metric of ours or of the process. */
function askedIn(text: string): string[] {
  return [...text.matchAll(/\b(?:tonearm|process|nodejs)_[a-z0-9_]+\b/g)].map(([name]) => name);
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

describe('what is watched', () => {
  it.each([DASHBOARD, RULES])('%s asks for figures that a bridge tells', (path) => {
    const names = told();
    const asked = askedIn(readFileSync(path, 'utf8'));
    expect(asked.length).toBeGreaterThan(5);
    const missing = asked.filter((name) => !names.has(name) && !names.has(name.replace(HISTOGRAM_PARTS, '')));
    expect(missing.filter((name) => !PROMETHEUS_OWN.includes(name))).toEqual([]);
  });

  it('the dashboard shows every figure of the house', () => {
    const dashboard: Dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
    const asked = new Set(
      dashboard.panels.flatMap(({ targets }) => targets ?? []).flatMap(({ expr }) => askedIn(expr)),
    );
    const figures = [...told()].filter((name) => /^tonearm_(?:speaker|sessions|ws|command|audio|clock)/.test(name));
    // How links end is told by how speakers come back.
    const shown = (name: string) =>
      asked.has(name) || asked.has(`${name}_bucket`) || name === 'tonearm_ws_closes_total';
    expect(figures.filter((name) => !shown(name))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
  });
});

describe.skipIf(spawnSync('promtool', ['--version']).error !== undefined)('promtool', () => {
  it('likes the rules', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
    expect([status, stderr], stdout).toEqual([0, '']);
  });

  it('likes the figures', () => {
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: exposition(), encoding: 'utf8' });
    expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
  });

  it('reads every expression of the dashboard', () => {
    const dashboard: Dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
    const exprs = dashboard.panels
      .flatMap(({ targets }) => targets ?? [])
      .map(({ expr }) => expr.replaceAll('$job', '.*'));
    const rules = exprs.map((expr, n) => `  - record: a:b${n}\n    expr: ${JSON.stringify(expr)}`);
    const input = `groups:\n- name: dashboard\n  rules:\n${rules.join('\n')}\n`;
    const folder = mkdtempSync(join(tmpdir(), 'tonearm-rules-'));
    const file = join(folder, 'dashboard.yml');
    writeFileSync(file, input);
    const checked = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([checked.status, checked.stderr], checked.stdout).toEqual([0, '']);
  });
});
