/**
 * Keeps what is known of every configured edge and says in which order a speaker should try them. Speakers report, the
 * bridge probes; both are bounded in number and in time.
 */
import type { EdgeProbe } from '#bridge/core/ports/edge-probe';
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';
import { EDGES_MAX } from '#protocol/wire/manifest';
import { EDGE_STATE_FIRST, type EdgeInput, type EdgeState, transitionEdge } from './edge-condition.ts';
import { EdgeOpinions } from './edge-opinions.ts';
import { type EdgeFacts, type OrderedEdge, orderEdges } from './edge-order.ts';

/** Between two probes: an edge that dies is known within two of them. */
export const PROBE_EVERY: Ms = ms(10_000);
/** Between two of an edge that is down: it is to be of use as soon as it is back, and a refused connection costs little. */
export const PROBE_DOWN_EVERY: Ms = ms(1_000);
/** A speaker's reports that come faster than this are dropped: one speaker is to be one voice. */
const REPORT_EVERY_US = 2_000_000;
/** Speakers whose last report is remembered for that. */
const REPORTERS_MAX = 1_024;
/** What a new probe's time counts in the average of all. */
const PROBE_WEIGHT = 0.3;

export interface ConfiguredEdge {
  readonly url: string;
  readonly region: string | null;
}

/** What the bridge thinks of an edge, and why. */
export interface EdgeView extends OrderedEdge {
  readonly condition: EdgeFacts['condition'];
  readonly firstByteMs: Ms | null;
  readonly failureShare: number | null;
  readonly probeMs: Ms | null;
}

interface Edge {
  readonly configured: ConfiguredEdge;
  readonly opinions: EdgeOpinions;
  state: EdgeState;
  /** Smoothed time of good probes; null before the first. */
  probeMs: Ms | null;
  /** Of its next probe. */
  timer: Timer | null;
}

export interface EdgeBookPorts {
  readonly clock: Pick<Clock, 'nowUs' | 'setTimer'>;
  readonly probe: EdgeProbe;
}

export class EdgeBook {
  readonly #ports: EdgeBookPorts;
  readonly #edges: readonly Edge[];
  /** When each speaker was last listened to; the one silent longest first. */
  readonly #reporters = new Map<string, Us>();
  #isRunning = false;
  /** Of the latest start; a probe that began before it is followed by no other. */
  #generation = 0;

  /** @param edges in the household's own order of preference; at most `EDGES_MAX` less one, which is the bridge's place */
  constructor(ports: EdgeBookPorts, edges: readonly ConfiguredEdge[]) {
    if (edges.length >= EDGES_MAX) throw new RangeError(`at most ${EDGES_MAX - 1} edges`);
    this.#ports = ports;
    this.#edges = edges.map((configured) => ({
      configured,
      opinions: new EdgeOpinions(),
      state: EDGE_STATE_FIRST,
      probeMs: null,
      timer: null,
    }));
  }

  /** Begins to probe. Again is harmless. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#generation += 1;
    for (const edge of this.#edges) void this.#probe(edge, this.#generation);
  }

  /** A probe under way may still end; nothing follows it. */
  stop(): void {
    this.#isRunning = false;
    for (const edge of this.#edges) edge.timer?.cancel();
  }

  /** Edges that are not configured are passed over: a report cannot add one. */
  report({ speakerId, edges }: EdgeReport): void {
    const nowUs = this.#ports.clock.nowUs();
    if (!this.#mayReport(speakerId, nowUs)) return;
    for (const said of edges) {
      const edge = this.#edges.find((it) => it.configured.url === said.url);
      if (edge === undefined) continue;
      edge.opinions.add(speakerId, said, nowUs);
      this.#apply(edge, { kind: 'speakersReported', failureShare: edge.opinions.failureShare(nowUs) });
    }
  }

  /** For a manifest: those that are not down, best first. */
  orderFor(speakerId: string | null, region: string | null): readonly OrderedEdge[] {
    return orderEdges(this.#facts(speakerId), region).filter((edge) => edge.reason !== 'down');
  }

  /** All of them with what is thought of each, as the household at large would be told to try them. */
  view(): readonly EdgeView[] {
    const facts = this.#facts(null);
    const nowUs = this.#ports.clock.nowUs();
    return orderEdges(facts, null).flatMap((ordered) => {
      const edge = this.#edges.find((it) => it.configured.url === ordered.url);
      const fact = facts.find((it) => it.url === ordered.url);
      if (edge === undefined || fact === undefined) return [];
      const { condition, firstByteMs } = fact;
      const failureShare = edge.opinions.failureShare(nowUs);
      return [{ ...ordered, condition, firstByteMs, failureShare, probeMs: edge.probeMs }];
    });
  }

  #facts(speakerId: string | null): readonly EdgeFacts[] {
    const nowUs = this.#ports.clock.nowUs();
    return this.#edges.map(({ configured, opinions, state, probeMs }) => ({
      ...configured,
      condition: state.kind,
      firstByteMs:
        (speakerId === null ? null : opinions.firstByteOf(speakerId, nowUs)) ?? opinions.firstByte(nowUs) ?? probeMs,
      failureShare: speakerId === null ? null : opinions.failureShareOf(speakerId, nowUs),
    }));
  }

  #mayReport(speakerId: string, nowUs: Us): boolean {
    const last = this.#reporters.get(speakerId);
    if (last !== undefined && nowUs - last < REPORT_EVERY_US) return false;
    this.#reporters.delete(speakerId);
    this.#reporters.set(speakerId, nowUs);
    if (this.#reporters.size > REPORTERS_MAX) {
      for (const silent of this.#reporters.keys()) {
        this.#reporters.delete(silent);
        break;
      }
    }
    return true;
  }

  #apply(edge: Edge, input: EdgeInput): void {
    const next = transitionEdge(edge.state, input);
    // What was said of it before it went away says nothing of it when it comes back.
    if (edge.state.kind === 'down' && next.kind === 'trial') edge.opinions.forgive();
    edge.state = next;
  }

  async #probe(edge: Edge, generation: number): Promise<void> {
    const { clock, probe } = this.#ports;
    const took = await probe.probe(edge.configured.url);
    if (!this.#isRunning || generation !== this.#generation) return;
    this.#apply(edge, { kind: took === null ? 'probeFailed' : 'probeSucceeded' });
    if (took !== null) edge.probeMs = ms(took * PROBE_WEIGHT + (edge.probeMs ?? took) * (1 - PROBE_WEIGHT));
    const delay = edge.state.kind === 'down' ? PROBE_DOWN_EVERY : PROBE_EVERY;
    edge.timer = clock.setTimer('edge probe', delay, () => void this.#probe(edge, generation));
  }
}
