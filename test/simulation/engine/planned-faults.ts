import { APPLICABLE, type CallFault, type CallKind } from './call-faults.ts';
import { type Fault, type Faults, noFaults, type WorldFault } from './faults.ts';
import type { Random } from './random.ts';

/** What happens beside a call, before it takes effect. */
export const HAPPENINGS = [
  /** The stream delivers once more what is under way already. */
  'another-loader',
  'cycle',
  'user',
  'records',
  'retention',
  'partition',
  'topic-recreated',
  'sink-down',
  'sink-forgets-prepared',
  'sink-forgets-labels',
] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** The one thing, seldom the few things, that disturb a brief world. */
export interface Disturbance {
  /** The call that it befalls, counted from 0. */
  readonly atCall: number;
  /** A fault of that call, which is drawn when absent; or something beside it. */
  readonly what?: CallFault | Happening | undefined;
  /** A fault that befalls another call, so many calls later. */
  readonly thenAfter?: number | undefined;
  /** Something between calls, the first time that it could happen. */
  readonly between?: WorldFault | undefined;
}

/** How often calls are steps of their own once somebody else is under way. */
const INTERLEAVED = 0.4;

/** How often each is drawn. Those that a function gets over itself leave room for more schedules; every beginning is a crash. */
const WEIGHTS: Readonly<Record<CallFault, number>> = {
  'crash-before': 1,
  'crash-after': 2,
  refused: 1,
  'lost-unapplied': 2,
  'lost-applied': 5,
  'lost-late': 2,
  'repeated-by-client': 6,
  'stale-index': 3,
  slow: 1,
  frozen: 3,
  'clock-jump': 2,
};

const weighted = (kind: CallKind): readonly CallFault[] =>
  APPLICABLE[kind].flatMap((fault) => Array<CallFault>(WEIGHTS[fault]).fill(fault));
const DRAWN_FROM = Object.fromEntries(
  Object.keys(APPLICABLE).map((kind) => [kind, weighted(kind as CallKind)]),
) as Readonly<Record<CallKind, readonly CallFault[]>>;

/** Nothing goes wrong but what is planned. */
export class PlannedFaults implements Faults {
  readonly counts = noFaults();
  readonly #random: Random;
  #happen: (happening: Happening) => void = () => {};
  #plan: Disturbance | undefined;
  #calls = 0;
  #next = -1;
  #between: WorldFault | undefined;
  #interleaved = 0;
  #stopped = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Plans what disturbs the calls from here on. @param happen makes something happen beside a call */
  plan(disturbance: Disturbance, happen: (happening: Happening) => void): void {
    this.#plan = disturbance;
    this.#next = disturbance.atCall;
    this.#between = disturbance.between;
    this.#happen = happen;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
  }

  ofCall(kind: CallKind): CallFault | 'queue' | 'now' {
    const place = this.#calls;
    this.#calls += 1;
    if (place === this.#next && this.#plan && !this.#stopped)
      return this.#disturb(kind, this.#plan);
    return this.#interleaved > 0 && this.#random.chance(this.#interleaved) ? 'queue' : 'now';
  }

  #disturb(kind: CallKind, { what, thenAfter }: Disturbance): CallFault | 'queue' {
    if (isHappening(what)) {
      this.#then(thenAfter);
      this.#interleaved = INTERLEAVED;
      this.#happen(what);
      return 'queue';
    }
    const fault = what ?? this.#random.pick(DRAWN_FROM[kind]);
    if (!APPLICABLE[kind].includes(fault)) {
      // The way is another one than it was: the next call of a fitting kind will do.
      this.#next += 1;
      return 'queue';
    }
    this.#then(thenAfter);
    this.#interleaved = INTERLEAVED;
    return this.count(fault);
  }

  /** What comes second is drawn, and nothing comes third. */
  #then(after: number | undefined): void {
    this.#next = after === undefined ? -1 : this.#next + after;
    this.#plan = { atCall: this.#next };
  }

  happens(fault: WorldFault): boolean {
    if (this.#between !== fault || this.#stopped) return false;
    this.#between = undefined;
    this.count(fault);
    return true;
  }

  count<F extends Fault>(fault: F): F {
    this.counts[fault] += 1;
    return fault;
  }
}

function isHappening(what: CallFault | Happening | undefined): what is Happening {
  return (HAPPENINGS as readonly unknown[]).includes(what);
}
