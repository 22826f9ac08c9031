import type { Random } from './random.ts';

/** What can go wrong at a port call. */
const CALL_FAULTS = [
  /** The process dies before the call takes effect, or right after. */
  'crash-before',
  'crash-after',
  /** Surely not applied: throttled, or in conflict with a transaction. */
  'refused',
  /** The answer is lost, and the effect with it; or only the answer; or the effect comes later. */
  'lost-unapplied',
  'lost-applied',
  'lost-late',
  /** The client repeats a call whose answer it missed: an applied write comes back as a failed condition. */
  'repeated-by-client',
  /** An index shows what it showed before. */
  'stale-index',
  /** The call takes up to minutes; the process runs on beside it. */
  'slow',
  /** The whole process stands still, often for longer than its lease. */
  'frozen',
  /** The process' clock jumps by minutes, forward or back. */
  'clock-jump',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

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
] as const;
export type SinkFault = (typeof SINK_FAULTS)[number];

export type Fault = CallFault | WorldFault | SinkFault;
const ALL_FAULTS: readonly Fault[] = [...CALL_FAULTS, ...WORLD_FAULTS, ...SINK_FAULTS];

/** What a call is to, since not everything can go wrong everywhere. */
export type CallKind = 'read' | 'index' | 'write' | 'kafka' | 'sink' | 'request' | 'disk';

const ANYWHERE = ['crash-before', 'refused', 'slow', 'frozen', 'clock-jump'] as const;
const EFFECTS = ['crash-after', 'lost-unapplied', 'lost-applied', 'lost-late'] as const;
const APPLICABLE: Readonly<Record<CallKind, ReadonlySet<CallFault>>> = {
  read: new Set(ANYWHERE),
  index: new Set([...ANYWHERE, 'stale-index']),
  kafka: new Set(ANYWHERE),
  write: new Set([...ANYWHERE, ...EFFECTS, 'repeated-by-client']),
  sink: new Set([...ANYWHERE, ...EFFECTS]),
  /** To a server, by a client that may repeat it. */
  request: new Set([...ANYWHERE, ...EFFECTS, 'repeated-by-client']),
  /** What a disk says that it did not do can have been done, but is not done later. */
  disk: new Set([...ANYWHERE, 'crash-after', 'lost-unapplied', 'lost-applied']),
};

/** Faults counted by kind. */
export type FaultCounts = Record<Fault, number>;

export function noFaults(): FaultCounts {
  return Object.fromEntries(ALL_FAULTS.map((fault) => [fault, 0])) as FaultCounts;
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
export class Faults {
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
      this.#byKind[kind] = [...APPLICABLE[kind]].filter((fault) => enabled.has(fault));
    }
    this.#perCall = random.pick(intensity);
    this.#preempt = everyCallIsAStep ? 1 : random.pick([0.03, 0.1, 0.3]);
    this.#left = mostFaults ?? Number.POSITIVE_INFINITY;
  }

  /** From now on nothing goes wrong any more; what has gone wrong stays so. */
  stop(): void {
    this.#stopped = true;
    this.#preempt = 0.02;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The fate of a call: a fault, `queue` where others may go first, or `now`. */
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

  /** Whether a fault between calls happens now, where this seed has it. */
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
