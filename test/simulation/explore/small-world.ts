import { createHash } from 'node:crypto';
import { newJob } from '#shared/domain/change-job.ts';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { insertJob } from '#shared/store/jobs.ts';
import { runChain } from '../../../functions/loader/run-chain.ts';
import { runCycle } from '../../../functions/scheduler/cycle.ts';
import type { ItemChange } from '../../support/memory-state.ts';
import { type MemoryTables, makeMemoryTables } from '../../support/memory-tables.ts';
import { checkContents } from '../checks/contents.ts';
import { whyJobRestless } from '../checks/quiet.ts';
import { Records } from '../checks/records.ts';
import { makeKafkaPort } from '../doubles/kafka-port.ts';
import { LIGHT, makeLightStage } from '../doubles/light-stage.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import { makeSinkPort } from '../doubles/sink-port.ts';
import { makeSliceReaderDouble } from '../doubles/slice-reader-double.ts';
import { makeTablesPort } from '../doubles/tables-port.ts';
import { Topic } from '../doubles/topic.ts';
import { makeProcess, type Process } from '../engine/process.ts';
import { quiescent } from '../engine/quiescent.ts';
import { Random } from '../engine/random.ts';
import { type JobDraft, type Scenario, SETTINGS } from '../scenario/scenario.ts';
import type { Sabotage, Violation } from '../world.ts';
import { StepCalls } from './step-calls.ts';

/** Time does not pass in a small world: a lease may be found to have run out at any moment. */
const NOW = 10_000_000;
/**
 * How far each loader's clock is ahead of the one before, so that every back-off is over when it begins; cycles
 * are ahead of them all. Clocks and names follow from the number among its kind alone: states that differ
 * only in who came first are the same.
 */
const LATER_MS = 600_000;
const CYCLES_AHEAD_MS = 100 * LATER_MS;
const LONG_MS = 900_000;

const SPEC = jobSpec.parse({
  name: 'job-A',
  source: { kafka: { brokers: ['broker:9092'], topic: 'topic-A', startOffsets: 'earliest' } },
  destination: { file: { table: 'job-A' } },
  desiredConcurrency: 1,
  batch: { maxRows: 1 },
});

const NO_FAULTS = { happens: () => false };

/** The changes that lead to the beginning of every schedule. */
const beginning: ItemChange[] = [];

/** One job with one lane and two tasks to come; each port call of a loader is a step of its own. */
export class SmallWorld {
  readonly calls = new StepCalls();
  readonly loaders: Process[] = [];
  readonly pending = new Set<string>();
  violation: Violation | undefined;
  invocations = 0;
  readonly #draft: JobDraft;
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #sink = new SinkModel(this);
  readonly #records: Records;
  readonly #base: MemoryTables;
  readonly #sabotage: Sabotage;
  readonly #changes: ItemChange[] = [];
  #cycles = 0;

  constructor(sabotage: Sabotage = {}) {
    this.#sabotage = sabotage;
    const topic = new Topic('topic-A', () => 'row');
    topic.addPartition(0n, 2);
    this.#topics = new Map([[topic.name, topic]]);
    this.#draft = { id: 'A', spec: SPEC, topic };
    const sinks = new Map([['A', this.#sink]]);
    const scenario: Scenario = {
      size: 'small',
      jobs: [this.#draft],
      topics: this.#topics,
      capacity: 20,
      troubleMs: 0,
      firstCycleMs: 0,
      crowded: 0,
      productionStage: false,
      intensity: [0],
      persons: 0,
      proofs: 0,
      idleCycles: 0,
      happenings: () => ({ users: 0, produced: 0, grows: false, deletions: 0 }),
    };
    const truth = { now: () => NOW, clocksAgree: () => false, cyclesAtOnce: () => 1 };
    this.#records = new Records(this, { scenario, sinks, truth });
    this.#base = makeMemoryTables({
      measures: false,
      onChange: (change) => {
        this.#records.note(change);
        if (beginning.length === 0) this.#changes.push(change);
        if (change.key.table === 'tasks' && change.now?.status === 'PENDING') {
          this.pending.add(change.key.sk);
        }
      },
    });
  }

  violated(rule: string, detail: string): void {
    this.violation ??= { rule, detail };
  }

  /** The job, divided, with its first task PENDING: made once by the product, and put there again each time. */
  async begin(): Promise<void> {
    if (beginning.length === 0) {
      const { after, entry } = newJob(SPEC, { id: 'A', token: 'created', now: NOW });
      await insertJob(this.#base, after, entry);
      await this.cycle();
      beginning.push(...this.#changes);
      return;
    }
    for (const { key, now } of beginning) {
      if (now) await this.#base.write({ kind: 'put', key, item: now, condition: [] });
    }
    this.#cycles = 1;
  }

  /** A whole cycle as one step, whose clock finds every lease run out. */
  async cycle(): Promise<void> {
    this.#cycles += 1;
    const process = makeProcess(
      `cycle-${this.#cycles}`,
      'scheduler',
      CYCLES_AHEAD_MS + this.#cycles * LATER_MS,
    );
    const clock = this.#clock(process);
    await runCycle(
      {
        tables: this.#tables(process),
        clusters: makeKafkaPort({
          process,
          calls: this.calls,
          faults: NO_FAULTS,
          topics: this.#topics,
        }),
        clock,
        newId: ids(process),
        log: () => {},
        settings: { ...SETTINGS, capacity: 20 },
      },
      clock.now() + LONG_MS,
    );
    await quiescent();
  }

  /** Delivers a task to a new loader, which goes up to its first port call. */
  invoke(taskId: string): void {
    this.invocations += 1;
    const process = makeProcess(
      `loader-${this.invocations}`,
      'loader',
      this.invocations * LATER_MS,
    );
    this.loaders.push(process);
    this.calls.told.set(process, taskId);
    const clock = this.#clock(process);
    const { calls } = this;
    const model = this.#sink;
    const reader = makeSliceReaderDouble({
      process,
      calls,
      faults: NO_FAULTS,
      random: new Random(1),
      topics: this.#topics,
      now: clock.now,
    });
    const port = makeSinkPort({
      process,
      calls,
      model,
      now: () => NOW,
      codec: LIGHT,
      keepsBadRows: true,
      softens: () => false,
    });
    const sink = this.#sabotage.sink?.(port, process) ?? port;
    const deps = {
      tables: this.#tables(process),
      stage: makeLightStage(reader),
      sinkOf: () => sink,
      clock,
      newId: ids(process),
      settings: SETTINGS,
      log: () => {},
    };
    const end = () => {
      process.finished = true;
      process.alive = false;
      this.calls.told.delete(process);
    };
    runChain(deps, { jobId: 'A', taskId }, clock.now() + LONG_MS).then(end, end);
  }

  alive(): Process[] {
    return this.loaders.filter(({ alive }) => alive);
  }

  /** Everything that can make a difference for what comes next. */
  key(budget: string): string {
    const items = [...this.#base.items('jobs'), ...this.#base.items('tasks')];
    const told = this.alive().map((process) => `${process.name}${this.calls.told.get(process)}`);
    const sink = [[...this.#sink.visible], [...this.#sink.prepared], this.#sink.fingerprint()];
    const text = JSON.stringify([budget, items, told, sink, [...this.pending]]);
    return createHash('sha1').update(text).digest('base64');
  }

  /** Lets everything come to its end without further trouble, and looks at what is there. */
  async finish(): Promise<void> {
    for (let round = 0; round < 12 && this.violation === undefined; round += 1) {
      await this.#runAll();
      if (whyJobRestless(this.#records, this.#draft) === undefined) break;
      this.pending.clear();
      await this.cycle();
      for (const taskId of this.pending) this.invoke(taskId);
      await quiescent();
    }
    const why = whyJobRestless(this.#records, this.#draft);
    if (why !== undefined) this.violated('nothing-is-stuck', why);
    if (this.violation === undefined) checkContents(this.#records, this.#draft);
  }

  async #runAll(): Promise<void> {
    for (;;) {
      const [first] = this.calls.waiting;
      if (first === undefined) return;
      first.run();
      await quiescent();
    }
  }

  #tables(process: Process) {
    const { calls } = this;
    const port = makeTablesPort(this.#base, { process, calls, earlier: new Map() });
    return this.#sabotage.tables?.(port, process) ?? port;
  }

  /** Beats come with time, and time does not pass here. */
  #clock(process: Process) {
    return {
      now: () => NOW + process.skewMs,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    };
  }
}

/** Ids that follow from the process alone, whatever others did before. */
function ids({ name }: Process): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${name}n${count}`;
  };
}
