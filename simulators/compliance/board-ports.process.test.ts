/**
 * Buttons and lights by libgpiod's tools, of both versions. There is no GPIO chip here, so scripts stand for the tools: they
 * take the arguments of the version that they say they are, refuse all others, and write what it writes.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGpioButtonPanel } from '#device/adapters/gpio-tools/gpio-button-panel';
import { createGpioStatusLight } from '#device/adapters/gpio-tools/gpio-status-light';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { VirtualButtonPanel } from '#sim/board/virtual-button-panel';
import { VirtualStatusLight } from '#sim/board/virtual-status-light';
import { buttonPanelSuite, statusLightSuite } from './board-ports.suite.ts';

/** Processes are started, on a machine that may be busy. */
const PATIENT = { timeout: 10_000 } as const;

const CHIP = 'gpiochip0';
/** Active low; active high. */
const [LOW, HIGH] = [17, 22] as const;
const FALLING = { 1: 0, 2: 2 } as const;

/** Reads its lines from a file that grows, as `tail` does; each names the offset that it is for. */
const MONITOR = {
  1: `case "$*" in "--line-buffered --active-low --bias=pull-up --format=%e %o ${CHIP} ${LOW}") line=${LOW} ;;
  "--line-buffered --bias=pull-down --format=%e %o ${CHIP} ${HIGH}") line=${HIGH} ;; *) echo "bad arguments: $*" >&2; exit 1 ;; esac`,
  2: `case "$*" in "--active-low --bias=pull-up --format=%e %o --chip=${CHIP} ${LOW}") line=${LOW} ;;
  "--bias=pull-down --format=%e %o --chip=${CHIP} ${HIGH}") line=${HIGH} ;; *) echo "bad arguments: $*" >&2; exit 1 ;; esac`,
} as const;
const SET = {
  1: `case "$*" in "--mode=signal --active-low ${CHIP} 27=1") is=1 ;; "--mode=signal --active-low ${CHIP} 27=0") is=0 ;; *) exit 1 ;; esac`,
  2: `case "$*" in "--active-low --chip=${CHIP} 27=1") is=1 ;; "--active-low --chip=${CHIP} 27=0") is=0 ;; *) exit 1 ;; esac`,
} as const;

function makeTools(version: 1 | 2): string {
  const tools = mkdtempSync(join(tmpdir(), 'tonearm-gpio-'));
  const begin = (name: string) =>
    `#!/bin/sh\n[ "$1" = --version ] && { echo "${name} (libgpiod) v${version}.6.3"; exit 0; }\ncd "$(dirname "$0")"\n`;
  const monitor = `${begin('gpiomon')}${MONITOR[version]}
: > "edges-$line"; echo $$ > "pid-$line"
exec tail -n +1 -s 0.02 -f "edges-$line"
`;
  const set = `${begin('gpioset')}${SET[version]}
[ -e held ] && { echo "Device or resource busy" >&2; exit 1; }
: > held; echo $is > light
trap 'rm -f held; echo 0 > light; exit 0' TERM
while :; do sleep 0.01; done
`;
  writeFileSync(join(tools, 'gpiomon'), monitor, { mode: 0o755 });
  writeFileSync(join(tools, 'gpioset'), set, { mode: 0o755 });
  return tools;
}

for (const version of [1, 2] as const) {
  buttonPanelSuite(`GpioButtonPanel with libgpiod ${version}`, async () => {
    const tools = makeTools(version);
    const lines = [
      { line: LOW, isActiveLow: true },
      { line: HIGH, isActiveLow: false },
    ];
    const panel = createGpioButtonPanel({ chip: CHIP, tools }, lines);
    const pids = () => [LOW, HIGH].map((line) => join(tools, `pid-${line}`));
    return {
      panel,
      set: async (button, isPressed) => {
        const line = button === 0 ? LOW : HIGH;
        appendFileSync(join(tools, `edges-${line}`), `${isPressed ? 1 : FALLING[version]} ${line}\n`);
      },
      ready: () =>
        expect
          .poll(() => pids().every((path) => existsSync(path) && readFileSync(path, 'utf8') !== ''), PATIENT)
          .toBe(true),
      lose: async () => {
        const [pid = ''] = pids();
        process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
        for (const path of pids()) rmSync(path);
      },
      end: async () => {
        await panel.close();
        rmSync(tools, { recursive: true });
      },
    };
  });

  statusLightSuite(`GpioStatusLight with libgpiod ${version}`, async () => {
    const tools = makeTools(version);
    const ports = { clock: createSystemClock(), logger: silentLogger };
    const light = createGpioStatusLight(ports, { chip: CHIP, tools }, { line: 27, isActiveLow: true });
    const path = join(tools, 'light');
    return {
      light,
      isOn: () => existsSync(path) && readFileSync(path, 'utf8').trim() === '1',
      end: async () => {
        await light.close();
        rmSync(tools, { recursive: true });
      },
    };
  });
}

buttonPanelSuite('VirtualButtonPanel', async () => {
  const panel = new VirtualButtonPanel();
  return {
    panel,
    set: async (button, isPressed) => panel.edge(button, isPressed),
    ready: async () => undefined,
    lose: async () => panel.lose('it was killed'),
    end: () => panel.close(),
  };
});

statusLightSuite('VirtualStatusLight', async () => {
  const light = new VirtualStatusLight(createSystemClock());
  return { light, isOn: () => light.isOn, end: () => light.close() };
});

describe('a panel without its tools', () => {
  it('says what to install', async () => {
    const tools = mkdtempSync(join(tmpdir(), 'tonearm-gpio-'));
    const panel = createGpioButtonPanel({ chip: CHIP, tools }, [{ line: LOW, isActiveLow: true }]);
    const reason = await new Promise<string>((lost) => panel.listen({ edge: () => undefined, lost }));
    expect(reason).toContain('is not installed: sudo apt-get install gpiod');
    await panel.close();
    rmSync(tools, { recursive: true });
  });
});
