import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { ulid } from 'ulid';
import { systemClock } from '#shared/clock.ts';
import { newJob } from '#shared/domain/change-job.ts';
import { type JobSpecInput, jobSpec } from '#shared/domain/job-spec.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { linkDeps, openLink } from '#shared/kafka/open-link.ts';
import { newId } from '#shared/new-id.ts';
import { insertJob, readJob } from '#shared/store/jobs.ts';
import type { Tables } from '#shared/store/tables.ts';
import { listTasks } from '#shared/store/tasks.ts';
import { makeSliceReader } from '../functions/loader/kafka/slice-reader.ts';
import { runChain } from '../functions/loader/run-chain.ts';
import { sinkDeps } from '../functions/loader/sink-deps.ts';
import { sinkOf } from '../functions/loader/sink-of.ts';
import { makeStage } from '../functions/loader/stage.ts';
import { runCycle } from '../functions/scheduler/cycle.ts';
import type { BenchTopic } from './topics.ts';

/** What of a job's specification a measurement changes. */
export type BenchMapping = Pick<JobSpecInput, 'columns' | 'where' | 'types'> & {
  readonly format?: 'ndjson' | 'csv' | 'parquet';
  /** Instead of files. */
  readonly destination?: JobSpecInput['destination'];
};

/** Three ways to read a topic from its beginning to its end, each timed in seconds. */

const LIMITS = { maxBatchRows: 1_000_000_000, maxBatchBytes: 10_737_418_240 };
const SETTINGS = { ...LIMITS, maxTaskFailures: 3, retentionDays: 7 };

/** What {@link makeRoutineLoad} needs besides its tables. */
export interface RoutineLoadOptions {
  readonly brokers: string[];
  /** Where files go. */
  readonly directory: string;
  /** A server other than Amazon S3. */
  readonly s3Endpoint?: string | undefined;
}

/** The product's scheduler and one loader, in this process. */
export function makeRoutineLoad(
  tables: Tables,
  { brokers, directory, s3Endpoint }: RoutineLoadOptions,
) {
  const kafka = linkDeps({
    ALLOWED_BROKERS: ['*'],
    KAFKA_CONNECT_TIMEOUT_MS: 5_000,
    KAFKA_REQUEST_TIMEOUT_MS: 15_000,
  });
  const shared = { tables, clock: systemClock, newId, log: () => {} };
  const cycle = () =>
    runCycle(
      {
        ...shared,
        clusters: openClusters(kafka),
        settings: { ...SETTINGS, capacity: 100, cycleMs: 60_000, leaseMarginMs: 5_000 },
      },
      systemClock.now() + 60_000,
    );

  const sinks = sinkDeps({
    FILE_DIRECTORIES: [directory],
    ALLOWED_DESTINATIONS: ['*'],
    ALLOWED_ENDPOINTS: s3Endpoint === undefined ? undefined : [s3Endpoint],
    SINK_CONNECT_TIMEOUT_MS: 5_000,
    SINK_REQUEST_TIMEOUT_MS: 60_000,
  });
  const load = async (jobId: string): Promise<number> => {
    const reader = makeSliceReader({
      open: (address) => openLink(address, kafka),
      clock: systemClock,
    });
    const deps = {
      ...shared,
      stage: makeStage(reader, LIMITS),
      sinkOf: (job: Parameters<typeof sinkOf>[0]) => sinkOf(job, sinks),
      settings: { ...SETTINGS, leaseMs: 60_000, deadlineMarginMs: 1_000, loaderLifeMs: 1_200_000 },
    };
    const { tasks } = await listTasks(tables, jobId, { limit: 100 });
    let loaded = 0;
    for (const { id, status } of tasks) {
      if (status !== 'PENDING') continue;
      loaded += (await runChain(deps, { jobId, taskId: id }, systemClock.now() + 900_000)).tasks;
    }
    await reader.close();
    return loaded;
  };

  return {
    cycle,
    load,
    /**
     * A job in one lane with slices of at most `maxBytes`: bounded over the whole topic, or waiting at its
     * end for more. @returns its id
     */
    async createJob(
      topic: BenchTopic,
      {
        maxBytes,
        bounded,
        format,
        destination = { file: { table: `t-${randomUUID()}`, format } },
        ...mapping
      }: { readonly maxBytes: number; readonly bounded: boolean } & BenchMapping,
    ): Promise<string> {
      const spec = jobSpec.parse({
        name: `bench-${randomUUID()}`,
        source: {
          kafka: {
            brokers,
            topic: topic.name,
            startOffsets: bounded ? 'earliest' : 'latest',
            ...(bounded && { endOffsets: 'latest' }),
          },
        },
        ...mapping,
        destination,
        desiredConcurrency: 1,
        batch: { maxBytes },
      });
      const job = newJob(spec, { id: ulid(), token: newId(), now: systemClock.now() });
      await insertJob(tables, job.after, job.entry);
      return job.after.id;
    },
    /** From the job's creation to its state COMPLETED. */
    async run(
      topic: BenchTopic,
      maxBytes: number,
      mapping: BenchMapping = {},
    ): Promise<{ seconds: number; tasks: number }> {
      const begin = performance.now();
      const id = await this.createJob(topic, { maxBytes, bounded: true, ...mapping });
      await cycle();
      const tasks = await load(id);
      await cycle();
      const seconds = (performance.now() - begin) / 1000;
      const state = (await readJob(tables, id))?.state;
      if (state !== 'COMPLETED') throw new Error(`the job must be COMPLETED, it is ${state}`);
      return { seconds, tasks };
    },
  };
}

/** kcat to /dev/null with the settings that make it fast; `undefined` where it is not installed. */
export async function runKcat(brokers: string[], topic: BenchTopic): Promise<number | undefined> {
  const begin = performance.now();
  const settings = [
    'queued.min.messages=5000000',
    'queued.max.messages.kbytes=1000000',
    'fetch.wait.max.ms=50',
  ].flatMap((setting) => ['-X', setting]);
  const args = ['-C', '-e', '-q', '-o', 'beginning', '-b', brokers.join(','), '-t', topic.name];
  const child = spawn('kcat', [...args, ...settings], { stdio: ['ignore', 'ignore', 'ignore'] });
  const code = await new Promise<number | undefined>((resolve) => {
    child.on('error', () => resolve(undefined));
    child.on('exit', (exit) => resolve(exit ?? 1));
  });
  if (code === undefined) return undefined;
  if (code !== 0) throw new Error(`kcat must end with 0, it ended with ${code}`);
  return (performance.now() - begin) / 1000;
}

/** A plain kafkajs consumer that writes the same lines into one file; from the first batch to the last line. */
export async function runKafkajs(
  brokers: string[],
  topic: BenchTopic,
  directory: string,
): Promise<number> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: randomUUID(), maxBytesPerPartition: 4 * 1024 * 1024 });
  await consumer.connect();
  await consumer.subscribe({ topic: topic.name, fromBeginning: true });
  const file = createWriteStream(join(directory, `${randomUUID()}.ndjson`));
  let begin = 0;
  let records = 0;
  const done = Promise.withResolvers<void>();
  await consumer.run({
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => {
      begin ||= performance.now();
      const lines = batch.messages.map(({ value }) => value ?? Buffer.alloc(0));
      const chunk = Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
      if (!file.write(chunk)) await once(file, 'drain');
      records += lines.length;
      if (records >= topic.records) done.resolve();
    },
  });
  await done.promise;
  file.end();
  await once(file, 'finish');
  const seconds = (performance.now() - begin) / 1000;
  await consumer.disconnect();
  return seconds;
}

const NEWLINE = Buffer.from('\n');
