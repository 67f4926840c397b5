/** What buttons and lights of every board must do: the contracts of `button-panel.ts` and `status-light.ts` as tests. */
import { describe, expect, it } from 'vitest';
import type { ButtonEdge, ButtonPanel } from '#device/core/ports/button-panel';
import type { StatusLight } from '#device/core/ports/status-light';
import { ms } from '#protocol/vocabulary/units';

/** Processes are started, on a machine that may be busy. */
const PATIENT = { timeout: 10_000 } as const;

/** With two buttons. */
export interface PanelUnderTest {
  readonly panel: ButtonPanel;
  /** Resolves when it has been done; it is heard later. */
  set(button: 0 | 1, isPressed: boolean): Promise<void>;
  /** Whoever reads the lines goes. */
  lose(): Promise<void>;
  /** Resolves when edges are heard. */
  ready(): Promise<void>;
  end(): Promise<void>;
}

export function buttonPanelSuite(name: string, create: () => Promise<PanelUnderTest>): void {
  describe(`${name} as a panel of buttons`, () => {
    const using = async (body: (under: PanelUnderTest) => Promise<void>) => {
      const under = await create();
      try {
        await body(under);
      } finally {
        await under.end();
      }
    };

    it('tells each edge of each button, in order', () =>
      using(async ({ panel, set, ready }) => {
        const edges: ButtonEdge[] = [];
        panel.listen({ edge: (edge) => edges.push(edge), lost: () => undefined });
        await ready();
        const wanted: readonly ButtonEdge[] = [
          { button: 0, isPressed: true },
          { button: 1, isPressed: true },
          { button: 0, isPressed: false },
        ];
        for (const [place, { button, isPressed }] of wanted.entries()) {
          await set(button === 0 ? 0 : 1, isPressed);
          // One by one: where each line has a process of its own, their order is that of time.
          await expect.poll(() => edges, PATIENT).toEqual(wanted.slice(0, place + 1));
        }
      }));

    it('says once that it is lost, and can listen again', () =>
      using(async ({ panel, set, ready, lose }) => {
        const edges: ButtonEdge[] = [];
        let losses = 0;
        const listener = {
          edge: (edge: ButtonEdge) => void edges.push(edge),
          lost: () => {
            losses += 1;
          },
        };
        panel.listen(listener);
        await ready();
        await lose();
        await expect.poll(() => losses, PATIENT).toBe(1);
        panel.listen(listener);
        await ready();
        await set(1, true);
        await expect.poll(() => edges, PATIENT).toEqual([{ button: 1, isPressed: true }]);
        expect(losses).toBe(1);
      }));

    it('tells nothing once it is closed', () =>
      using(async ({ panel, ready }) => {
        let told = 0;
        const count = () => {
          told += 1;
        };
        panel.listen({ edge: count, lost: count });
        await ready();
        await panel.close();
        await panel.close();
        expect(told).toBe(0);
      }));
  });
}

export interface LightUnderTest {
  readonly light: StatusLight;
  /** As it is now. */
  isOn(): boolean;
  end(): Promise<void>;
}

export function statusLightSuite(name: string, create: () => Promise<LightUnderTest>): void {
  describe(`${name} as a light`, () => {
    it('shows a steady pattern, a changing one, and none when it is closed', async () => {
      const { light, isOn, end } = await create();
      try {
        light.show([{ isOn: true, lasts: ms(100) }]);
        await expect.poll(isOn, PATIENT).toBe(true);
        light.show([{ isOn: false, lasts: ms(100) }]);
        await expect.poll(isOn, PATIENT).toBe(false);
        const seen = new Set<boolean>();
        light.show([
          { isOn: true, lasts: ms(100) },
          { isOn: false, lasts: ms(100) },
        ]);
        await expect
          .poll(() => {
            seen.add(isOn());
            return seen.size;
          }, PATIENT)
          .toBe(2);
        light.show([{ isOn: true, lasts: ms(100) }]);
        await expect.poll(isOn, PATIENT).toBe(true);
        await light.close();
        await light.close();
        expect(isOn()).toBe(false);
        light.show([{ isOn: true, lasts: ms(100) }]);
        expect(isOn()).toBe(false);
      } finally {
        await end();
      }
    });
  });
}
