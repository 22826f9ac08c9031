import type { S3Client } from '@aws-sdk/client-s3';
import { newJob } from '#shared/domain/change-job.ts';
import { asLoadFailure } from '#shared/domain/failure.ts';
import { insertJob } from '#shared/store/jobs.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import type { Disk } from '../../functions/loader/sinks/file/disk.ts';
import type { CatalogLink } from '../../functions/loader/sinks/iceberg/catalog-link.ts';
import type { Sink } from '../../functions/loader/sinks/sink.ts';
import type { WarehouseLink } from '../../functions/loader/sinks/stream-load/warehouse-link.ts';
import { type MemoryTables, makeMemoryTables } from '../support/memory-tables.ts';
import type { Beginning } from './beginnings/beginning.ts';
import type { WayBack } from './beginnings/way-back.ts';
import { hasLost } from './checks/leftovers.ts';
import { Records, type Truth } from './checks/records.ts';
import { makeClockPort } from './doubles/clock-port.ts';
import { SinkModel } from './doubles/sink-model.ts';
import { makeSinkDouble, realSinkOf } from './doubles/sinks/make-sink-double.ts';
import type { RealSink, SimulatedSink } from './doubles/sinks/simulated-sink.ts';
import { type EarlierPages, makeTablesPort } from './doubles/tables-port.ts';
import { SeededCalls, type Witness } from './engine/calls.ts';
import { DrawnFaults, type Faults } from './engine/faults.ts';
import { type Disturbance, PlannedFaults } from './engine/planned-faults.ts';
import { makeProcess, type Process, type ProcessKind } from './engine/process.ts';
import { Random } from './engine/random.ts';
import { Steps } from './engine/steps.ts';
import { drawBrief } from './scenario/brief.ts';
import { drawWhole, isBare, type Scenario, wholeNumberOf } from './scenario/scenario.ts';

/** A guard of the protocol that is switched off: what a process gets instead of its real ports. */
export interface Sabotage {
  tables?(tables: Tables, process: Process): Tables;
  sink?(sink: Sink, process: Process): Sink;
  /** What the product's own sinks speak to their servers with. */
  s3?(client: S3Client): S3Client;
  disk?(disk: Disk): Disk;
  link?(link: WarehouseLink): WarehouseLink;
  catalog?(catalog: CatalogLink): CatalogLink;
}

/** Far from any seed. */
const SINKS_FROM = 0x51d0000;

/** What went wrong, if anything did. */
export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly sabotage?: Sabotage | undefined;
  /** Whether each seed is the number of a whole world. @default false, or true with one of the product's own sinks */
  readonly whole?: boolean | undefined;
  /** Instead of the one that the seed draws. */
  readonly scenario?: Scenario;
  /** Of a brief world: the way back and what disturbs it, instead of those that the seed draws. */
  readonly exactly?: { readonly way: WayBack; readonly disturbance: Disturbance } | undefined;
  /** Instead of the sink that the seed has. */
  readonly sink?: RealSink | 'model' | undefined;
  readonly trace?: ((line: string) => void) | undefined;
}

/** One simulated installation: its stores, its topics, its sinks, and whoever is running. */
export class World implements Witness {
  readonly random: Random;
  readonly faults: Faults;
  /** The same, in a brief world. */
  readonly planned: PlannedFaults | undefined;
  readonly exactly: WorldOptions['exactly'];
  readonly scenario: Scenario;
  readonly steps: Steps;
  readonly calls: SeededCalls;
  readonly records: Records;
  readonly base: MemoryTables;
  readonly sinks = new Map<string, SimulatedSink>();
  readonly running = new Set<Process>();
  readonly trace: Witness['trace'];
  readonly sabotage: Sabotage;
  violation: Violation | undefined;
  /** Called with every task that a write has left PENDING: what a stream would deliver. */
  onPending: (task: { jobId: string; taskId: string }) => void = () => {};
  /** What the indexes showed before. */
  readonly earlier: EarlierPages = new Map();
  #ids = 0;
  #processes = 0;
  #cyclesAtOnce = 1;
  #clocksAgreed = true;

  constructor(options: WorldOptions) {
    const { sabotage = {}, trace, exactly } = options;
    const number = numberOf(options);
    const seed = number ?? options.seed;
    this.random = new Random(seed);
    this.scenario =
      options.scenario ??
      (number === undefined
        ? { ...drawBrief(this.random), bareSink: isBare(seed) }
        : drawWhole(this.random, number));
    this.exactly = exactly;
    this.planned = this.scenario.size === 'brief' ? new PlannedFaults(this.random) : undefined;
    this.faults = this.planned ?? new DrawnFaults(this.random, this.scenario);
    this.steps = new Steps((n) => this.random.below(n));
    this.sabotage = sabotage;
    this.trace = trace && ((who, what) => trace(this.#line(who, what)));
    this.calls = new SeededCalls({
      steps: this.steps,
      faults: this.faults,
      random: this.random,
      witness: this,
    });
    for (const { id } of this.scenario.jobs)
      this.sinks.set(id, this.#sinkOf(seed, options.sink ?? (number && realSinkOf(number))));
    this.records = new Records(this, {
      scenario: this.scenario,
      sinks: this.sinks,
      truth: this.#truth(),
    });
    this.base = makeMemoryTables({
      now: () => this.steps.now,
      measures: false,
      onChange: (change) => {
        this.records.note(change);
        if (change.key.table === 'tasks' && change.now?.status === 'PENDING') {
          this.onPending({ jobId: change.key.pk, taskId: change.key.sk });
        }
      },
    });
  }

  violated(rule: string, detail: string): void {
    this.violation ??= { rule, detail };
    this.trace?.('!!', `${rule}: ${detail}`);
  }

  newId = (): string => {
    this.#ids += 1;
    // As long as a ULID, which the product takes the time of a task's planning from.
    return `00000000000000000000I${this.#ids.toString(36).toUpperCase().padStart(5, '0')}`;
  };

  /** Writes the jobs of the scenario, as the API does. */
  async createJobs(): Promise<void> {
    for (const { id, spec } of this.scenario.jobs) {
      const { after, entry } = newJob(spec, { id, token: this.newId(), now: this.steps.now });
      await insertJob(this.base, after, entry);
    }
  }

  get processesStarted(): number {
    return this.#processes;
  }

  /** Ids that are taken. */
  get idsTaken(): number {
    return this.#ids;
  }

  /** Puts the world where another one of its shape was left; tasks that wait there are delivered anew. */
  goOnFrom(beginning: Beginning): void {
    const { records, sinks, topics } = beginning;
    this.base.restore(beginning.tables);
    this.records.goOnFrom(records);
    for (const [job, sink] of this.sinks) {
      const earlier = sinks?.get(job);
      if (earlier && sink instanceof SinkModel) sink.goOnFrom(earlier);
    }
    for (const [name, topic] of this.scenario.topics) {
      const earlier = topics?.get(name);
      if (earlier) topic.goOnFrom(earlier);
    }
    for (const [name, page] of beginning.earlier) this.earlier.set(name, page);
    this.steps.now = beginning.now;
    this.#ids = beginning.ids;
    this.#clocksAgreed = beginning.clocksAgreed;
    this.#cyclesAtOnce = beginning.cyclesAtOnce;
    for (const { pk, sk, status } of records.tasks.values()) {
      if (status === 'PENDING') this.onPending({ jobId: String(pk), taskId: String(sk) });
    }
  }

  /** Starts a process; what it throws must be an error that its function may end with. */
  spawn(kind: ProcessKind, body: (process: Process) => Promise<unknown>): Process {
    this.#processes += 1;
    const skewMs = this.faults.happens('clock-skew', 0.5)
      ? this.random.between(-300_000, 300_000)
      : 0;
    const process = makeProcess(`${kind}-${this.#processes}`, kind, skewMs);
    this.running.add(process);
    this.#countCycles();
    this.trace?.(process.name, `starts${skewMs ? `, its clock ${skewMs} ms ahead` : ''}`);
    body(process).then(
      (result) => this.#end(process, result),
      (error: unknown) => {
        if (!mayEndWith(error)) this.violated('no-unexpected-error', describeError(error));
        this.#end(process, String(error));
      },
    );
    return process;
  }

  tablesOf(process: Process): Tables {
    const port = makeTablesPort(this.base, { process, calls: this.calls, earlier: this.earlier });
    return this.sabotage.tables?.(port, process) ?? port;
  }

  clockOf(process: Process) {
    return makeClockPort(process, this.steps);
  }

  /** What a function logs; failures that nobody has a code for must not happen. */
  logOf(process: Process) {
    return (message: string, facts: Readonly<Record<string, unknown>>) => {
      this.trace?.(process.name, `log: ${message} ${JSON.stringify(facts)}`);
      if (message === 'leftovers could not be removed') {
        this.records.unremoved.add(String(facts.taskId));
      }
      if (facts.code === 'INTERNAL') {
        this.violated('no-unexpected-error', `${process.name}: ${facts.message}`);
      }
    };
  }

  kill(process: Process): void {
    void this.calls.kill(process);
    this.trace?.(process.name, 'is killed');
  }

  /** Whether any process still has something to do. */
  isBusy(): boolean {
    for (const process of this.running) if (process.alive) return true;
    return false;
  }

  #end(process: Process, result: unknown): void {
    process.finished = true;
    this.running.delete(process);
    this.trace?.(process.name, `returns ${JSON.stringify(result)}`);
    if (this.steps.hasEffectOf(process)) {
      this.violated('nothing-goes-on-after-return', `${process.name} left work that nobody awaits`);
    }
  }

  #sinkOf(seed: number, kind: WorldOptions['sink'] | 0): SimulatedSink {
    if (!kind || kind === 'model')
      return new SinkModel(this, (label) => hasLost(this.records, label));
    return makeSinkDouble(kind, {
      calls: this.calls,
      witness: this,
      faults: this.faults,
      random: new Random(seed + SINKS_FROM),
      sabotage: this.sabotage,
      now: () => this.steps.now,
      clockOf: (process) => this.clockOf(process),
      kill: (process) => this.kill(process),
      hasLost: (label) => hasLost(this.records, label),
      killLoaders: () => {
        for (const process of this.running) if (process.kind === 'loader') this.kill(process);
      },
    });
  }

  #countCycles(): void {
    let cycles = 0;
    for (const { kind, alive } of this.running) if (kind === 'scheduler' && alive) cycles += 1;
    this.#cyclesAtOnce = Math.max(this.#cyclesAtOnce, cycles);
  }

  #truth(): Truth {
    const { counts } = this.faults;
    return {
      now: () => this.steps.now,
      clocksAgree: () => this.#clocksAgreed && counts['clock-skew'] + counts['clock-jump'] === 0,
      cyclesAtOnce: () =>
        counts['stale-index'] + counts['lost-late'] > 0
          ? Number.POSITIVE_INFINITY
          : this.#cyclesAtOnce,
    };
  }

  #line(who: string, what: string): string {
    const seconds = ((this.steps.now - 10_000_000) / 1000).toFixed(3).padStart(9);
    return `${seconds} s  ${who.padEnd(14)} ${what.replaceAll(/0{20,25}/g, '')}`;
  }
}

/** The number of a whole world; nothing where the seed has a brief one. */
function numberOf(options: WorldOptions): number | undefined {
  const { seed, whole, sink, scenario } = options;
  if (scenario) return undefined;
  const isReal = sink !== undefined && sink !== 'model';
  return whole || isReal ? seed : wholeNumberOf(seed);
}

/** A function may end with these: its caller, a queue, does not try again, and the lease decides. */
function mayEndWith(error: unknown): boolean {
  return error instanceof OutcomeUnknown || asLoadFailure(error).code !== 'INTERNAL';
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error);
}
