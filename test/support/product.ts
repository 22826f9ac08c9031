import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { makeSliceReader } from '../../functions/loader/kafka/slice-reader.ts';
import type { LoaderDeps } from '../../functions/loader/loader-deps.ts';
import { DEFAULT_TRANSFORM } from '../../functions/loader/open-rows.ts';
import { type ChainReport, runChain } from '../../functions/loader/run-chain.ts';
import { type SinkDeps, sinkDeps } from '../../functions/loader/sink-deps.ts';
import { sinkOf } from '../../functions/loader/sink-of.ts';
import { makeStage } from '../../functions/loader/stage.ts';
import { makeValueReadings, registryAccess } from '../../functions/loader/values/value-readings.ts';
import { type CycleDeps, type CycleReport, runCycle } from '../../functions/scheduler/cycle.ts';
import { destinationWorkers } from '../../functions/scheduler/destination-workers.ts';
import { type Clock, systemClock } from '../../functions/shared/clock.ts';
import { newJob } from '../../functions/shared/domain/change-job.ts';
import type { Job } from '../../functions/shared/domain/job.ts';
import { type JobSpecInput, jobSpec } from '../../functions/shared/domain/job-spec.ts';
import type { Lane } from '../../functions/shared/domain/lane.ts';
import type { Task } from '../../functions/shared/domain/task.ts';
import { openClusters } from '../../functions/shared/kafka/open-clusters.ts';
import { linkDeps, openLink } from '../../functions/shared/kafka/open-link.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { makeDynamoDbTables } from '../../functions/shared/store/dynamodb-tables.ts';
import { insertJob, readJob } from '../../functions/shared/store/jobs.ts';
import { readLanes } from '../../functions/shared/store/lanes.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { listTasks } from '../../functions/shared/store/tasks.ts';
import { createTables } from '../../infra/local/tables.ts';

/** The product's own code on real parts, stepped by hand: cycles and loaders run when a test says so. */

/** The system's clock, which a test can put forward instead of waiting. */
export interface TestClock extends Clock {
  forward(ms: number): void;
}

function makeTestClock(): TestClock {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    sleep: systemClock.sleep,
    forward: (ms) => {
      ahead += ms;
    },
  };
}

export interface Product {
  readonly tables: Tables;
  readonly clock: TestClock;
  readonly directory: string;
  readonly loader: LoaderDeps;
  readonly scheduler: CycleDeps;
  createJob(spec: JobSpecInput): Promise<Job>;
  job(id: string): Promise<Job>;
  lanes(id: string): Promise<Lane[]>;
  tasks(id: string): Promise<Task[]>;
  cycle(): Promise<CycleReport>;
  /** Runs a loader for every PENDING task of the job, as the stream would. */
  load(id: string, deps?: Partial<LoaderDeps>): Promise<ChainReport[]>;
  /** Cycles and loads until nothing is pending; the clock goes forward a batch interval each time. */
  settle(id: string): Promise<void>;
  /** All committed lines of a table. */
  lines(table: string): Promise<string[]>;
  close(): Promise<void>;
}

/** New tables on DynamoDB Local. */
export async function freshTables(endpoint: string): Promise<Tables> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const id = randomUUID();
  const names = { jobsTable: `jobs-${id}`, tasksTable: `tasks-${id}` };
  await createTables(client, names);
  return makeDynamoDbTables({
    client,
    tableNames: { jobs: names.jobsTable, tasks: names.tasksTable },
    clock: systemClock,
    random: Math.random,
  });
}

export async function startProduct(
  tables: Tables,
  options: {
    readonly capacity?: number;
    readonly allowedBrokers?: string[];
    /** In place of the real ones. */
    readonly sinks?: Partial<SinkDeps>;
    /** Hosts of schema registries. @default all */
    readonly allowedRegistries?: string[];
  } = {},
): Promise<Product> {
  const clock = makeTestClock();
  const directory = await mkdtemp(join(tmpdir(), 'routine-load-test-'));
  const kafka = linkDeps({
    ALLOWED_BROKERS: options.allowedBrokers ?? ['*'],
    KAFKA_CONNECT_TIMEOUT_MS: 1_000,
    KAFKA_REQUEST_TIMEOUT_MS: 5_000,
  });
  const reader = makeSliceReader({ open: (address) => openLink(address, kafka), clock });
  const limits = { maxBatchRows: 1_000_000_000, maxBatchBytes: 10_737_418_240 };
  const sinks: SinkDeps = {
    ...sinkDeps(
      {
        FILE_DIRECTORIES: [directory],
        ALLOWED_DESTINATIONS: ['*'],
        ALLOWED_ENDPOINTS: undefined,
        SINK_CONNECT_TIMEOUT_MS: 1_000,
        SINK_REQUEST_TIMEOUT_MS: 5_000,
      },
      clock,
    ),
    ...options.sinks,
  };
  const valueReadings = makeValueReadings({
    access: registryAccess({
      ALLOWED_REGISTRIES: options.allowedRegistries ?? ['*'],
      REGISTRY_TIMEOUT_MS: 1_000,
    }),
    logins: sinks.logins,
  });
  const loader: LoaderDeps = {
    tables,
    stage: makeStage(reader, limits, { ...DEFAULT_TRANSFORM, valueReadings }),
    sinkOf: (job) => sinkOf(job, sinks),
    clock,
    newId,
    log: () => {},
    settings: {
      ...limits,
      leaseMs: 60_000,
      deadlineMarginMs: 1_000,
      loaderLifeMs: 1_200_000,
      maxTaskFailures: 3,
      retentionDays: 7,
    },
  };
  const scheduler: CycleDeps = {
    tables,
    clusters: openClusters(kafka),
    destinationWorkers: destinationWorkers(sinks.outbound, sinks.logins),
    clock,
    newId,
    log: () => {},
    settings: {
      ...limits,
      capacity: options.capacity ?? 100,
      cycleMs: 60_000,
      leaseMarginMs: 5_000,
      maxTaskFailures: 3,
      retentionDays: 7,
    },
  };
  const product: Product = {
    tables,
    clock,
    directory,
    loader,
    scheduler,
    async createJob(spec) {
      const { after, entry } = newJob(jobSpec.parse(spec), {
        id: ulid(),
        token: newId(),
        now: clock.now(),
      });
      if (!(await insertJob(tables, after, entry))) throw new Error('name taken');
      return after;
    },
    async job(id) {
      const job = await readJob(tables, id);
      if (!job) throw new Error(`no job ${id}`);
      return job;
    },
    async lanes(id) {
      const { generation } = await product.job(id);
      return (await readLanes(tables, id)).filter((lane) => lane.generation === generation);
    },
    async tasks(id) {
      return (await listTasks(tables, id, { limit: 1_000 })).tasks.reverse();
    },
    cycle: () => runCycle(scheduler, clock.now() + 60_000),
    async load(id, deps = {}) {
      const pending = (await product.tasks(id)).filter(({ status }) => status === 'PENDING');
      return Promise.all(
        pending.map((task) =>
          runChain({ ...loader, ...deps }, { jobId: id, taskId: task.id }, clock.now() + 600_000),
        ),
      );
    },
    async settle(id) {
      for (let quiet = 0; quiet < 2; ) {
        const { actions } = await product.cycle();
        const loaded = await product.load(id);
        quiet = actions === 0 && loaded.length === 0 ? quiet + 1 : 0;
        clock.forward(60_000);
      }
    },
    async lines(table) {
      const lines: string[] = [];
      const folder = join(directory, table);
      for (const name of (await readdir(folder)).sort()) {
        if (name.startsWith('_')) continue;
        const text = await readFile(join(folder, name), 'utf8');
        lines.push(...text.split('\n').slice(0, -1));
      }
      return lines;
    },
    async close() {
      await reader.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return product;
}
