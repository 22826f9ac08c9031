import { APPLICABLE, CALL_FAULTS, type CallFault, type CallKind } from './call-faults.ts';
import type { Random } from './random.ts';

/** What can go wrong between calls. */
const WORLD_FAULTS = [
  'stream-lost',
  'stream-twice',
  'stream-late',
  'cycle-twice',
  'clock-skew',
  'sink-down',
  'sink-forgets-prepared',
  'sink-forgets-labels',
  'metadata-stale',
  'topic-missing',
  'topic-recreated',
  'read-cut-short',
  'record-unreadable',
] as const;
export type WorldFault = (typeof WORLD_FAULTS)[number];

/** What the servers under the product's own sinks do besides; they draw it themselves. */
const SINK_FAULTS = [
  /** A refusal that passes: too many versions, a conflict, a backend that is gone. */
  'sink-refuses',
  /** The machine loses its power: loaders on it die, and what was not synced is gone, or torn. */
  'machine-crashes',
  /** What is committed becomes visible later, which is told instead of success. */
  'slow-to-publish',
  /** A load is held up before it begins. A loader that loses its task meanwhile prepares, and dies before it knows. */
  'held-up',
] as const;
export type SinkFault = (typeof SINK_FAULTS)[number];

export type Fault = CallFault | WorldFault | SinkFault;
const ALL_FAULTS: readonly Fault[] = [...CALL_FAULTS, ...WORLD_FAULTS, ...SINK_FAULTS];

/** Faults counted by kind. */
export type FaultCounts = Record<Fault, number>;

const NONE = Object.fromEntries(ALL_FAULTS.map((fault) => [fault, 0])) as FaultCounts;

export function noFaults(): FaultCounts {
  return { ...NONE };
}

/** What decides about faults. */
export interface Faults {
  readonly counts: FaultCounts;
  /** From now on nothing goes wrong any more; what has gone wrong stays so. */
  stop(): void;
  readonly stopped: boolean;
  /** The fate of a call: a fault, `queue` where others may go first, or `now`. */
  ofCall(kind: CallKind): CallFault | 'queue' | 'now';
  /** Whether a fault between calls happens now, where this seed has it. */
  happens(fault: WorldFault, probability: number): boolean;
  count<F extends Fault>(fault: F): F;
}

/** How much goes wrong at calls. */
export interface Trouble {
  /** Probabilities of a fault at a call, of which a seed has one. */
  readonly intensity: readonly number[];
  /** Calls that may fail. @default any number */
  readonly mostFaults?: number | undefined;
  /** Whether others may go first at each call, so that there is a moment before and after it. @default at some */
  readonly everyCallIsAStep?: boolean | undefined;
}

/**
 * Which faults a seed has, and how often. Each seed draws its own few kinds (swarm testing): where everything
 * fails at once nothing gets far enough to fail in an interesting way.
 */
export class DrawnFaults implements Faults {
  readonly counts = noFaults();
  readonly #random: Random;
  readonly #worldFaults = new Set<WorldFault>();
  readonly #byKind: Record<CallKind, CallFault[]>;
  readonly #perCall: number;
  #preempt: number;
  /** How many calls may still fail. */
  #left: number;
  #stopped = false;

  constructor(random: Random, { intensity, mostFaults, everyCallIsAStep }: Trouble) {
    this.#random = random;
    const share = random.pick([0.15, 0.35, 0.7]);
    const enabled = new Set(CALL_FAULTS.filter(() => random.chance(share)));
    for (const fault of WORLD_FAULTS) if (random.chance(share)) this.#worldFaults.add(fault);
    this.#byKind = {
      read: [],
      index: [],
      write: [],
      kafka: [],
      sink: [],
      request: [],
      disk: [],
    };
    for (const kind of Object.keys(this.#byKind) as CallKind[]) {
      this.#byKind[kind] = APPLICABLE[kind].filter((fault) => enabled.has(fault));
    }
    this.#perCall = random.pick(intensity);
    this.#preempt = everyCallIsAStep ? 1 : random.pick([0.03, 0.1, 0.3]);
    this.#left = mostFaults ?? Number.POSITIVE_INFINITY;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    this.#preempt = 0.02;
  }

  ofCall(kind: CallKind): CallFault | 'queue' | 'now' {
    const drawn = this.#random.next();
    if (drawn < this.#perCall && this.#left > 0 && !this.#stopped) {
      const faults = this.#byKind[kind];
      if (faults.length === 0) return 'queue';
      this.#left -= 1;
      return this.count(this.#random.pick(faults));
    }
    return drawn < this.#perCall + this.#preempt ? 'queue' : 'now';
  }

  happens(fault: WorldFault, probability: number): boolean {
    if (this.#stopped || !this.#worldFaults.has(fault)) return false;
    if (!this.#random.chance(probability)) return false;
    this.count(fault);
    return true;
  }

  count<F extends Fault>(fault: F): F {
    this.counts[fault] += 1;
    return fault;
  }
}
