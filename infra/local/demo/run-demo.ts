import { join } from 'node:path';
import type { Admin, Kafka } from 'kafkajs';
import type { Clock } from '#shared/clock.ts';
import { DATA_SETS, type DataSet } from './data-sets.ts';
import { type JobClient, jobClient } from './job-client.ts';
import { jobSpecOf } from './job-specs.ts';
import { demoKafka } from './kafka-client.ts';
import { type Load, type LoadOutcome, watchLoads } from './load-watch.ts';
import { queryParquet } from './parquet-files.ts';
import { produce } from './produce.ts';
import { queryLines, summaryLines, verificationLines } from './report.ts';
import type { Screen } from './screen.ts';
import { committedFiles } from './table-files.ts';
import { ensureTopic, logRanges } from './topics.ts';
import { isAsCounted, type TableUnderTest, verifyTables } from './verify.ts';

/** What the demo runs on. */
export interface DemoSettings {
  readonly apiUrl: string;
  readonly brokers: readonly string[];
  readonly tablesDirectory: string;
  /** The topic of a data set: on a broker that is not ours the plain name may be another's. */
  readonly topicOf: (name: string) => string;
  /** Rows of the large data set to load. */
  readonly rows: number;
  readonly clock: Clock;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/**
 * Loads the data sets through jobs that it creates over HTTP, and verifies the tables. Goes on where an
 * earlier run was.
 *
 * @returns whether every table is exact
 * @throws {Error} when something does not work, or the signal's reason when it is aborted
 */
export async function runDemo(settings: DemoSettings): Promise<boolean> {
  const { brokers, screen, signal } = settings;
  const kafka = demoKafka(brokers);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const client = jobClient(settings.apiUrl);
    const loads = DATA_SETS.map(
      (dataSet): Load => ({
        dataSet,
        total: isLarge(dataSet) ? Math.min(dataSet.count, settings.rows) : dataSet.count,
        produced: 0,
      }),
    );
    for (const { dataSet } of loads) {
      const topic = settings.topicOf(dataSet.name);
      await ensureTopic(admin, { topic, partitions: dataSet.partitions }, settings.clock);
    }
    const outcomes = await load(loads, { settings, kafka, admin, client });
    screen.say('');
    const tables = await Promise.all(loads.map((each) => tableOf(each, settings, client)));
    const reports = await verifyTables(tables, {
      kafka,
      signal,
      onStep: (step) => screen.show([`verifying: ${step}`]),
    });
    screen.settle(verificationLines(reports));
    for (const line of summaryLines(outcomes, reports, settings.tablesDirectory)) screen.say(line);
    for (const each of loads) await showQuery(each.dataSet, settings);
    return reports.every(isAsCounted);
  } finally {
    screen.show([]);
    await admin.disconnect();
  }
}

async function createJob(
  client: JobClient,
  { brokers, topicOf, screen }: DemoSettings,
  dataSet: DataSet,
): Promise<void> {
  const spec = jobSpecOf(dataSet, topicOf(dataSet.name), [...brokers]);
  const created = await client.create(spec);
  screen.say(created ? `created job ${dataSet.name}` : `job ${dataSet.name} goes on`);
}

/** Produces and watches at once; what fails first ends the other. */
async function load(
  loads: readonly Load[],
  parts: {
    readonly settings: DemoSettings;
    readonly kafka: Kafka;
    readonly admin: Admin;
    readonly client: JobClient;
  },
): Promise<LoadOutcome[]> {
  const { settings, client } = parts;
  const failed = new AbortController();
  const signal = AbortSignal.any([settings.signal, failed.signal]);
  const ending = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  const { clock, screen } = settings;
  const watching = ending(watchLoads(loads, { client, clock, screen, signal }));
  const producing = ending(produceAll(loads, { ...parts, signal }));
  const [watched] = await Promise.allSettled([watching, producing]);
  signal.throwIfAborted();
  if (watched.status === 'rejected') throw watched.reason;
  return watched.value;
}

/**
 * The small ones first, so that something is done soon. Their jobs are there before their first records;
 * that of the large one is made when its topic is full, so that the speed shown is the loader's alone.
 */
async function produceAll(
  loads: readonly Load[],
  {
    settings,
    kafka,
    admin,
    client,
    signal,
  }: {
    readonly settings: DemoSettings;
    readonly kafka: Kafka;
    readonly admin: Admin;
    readonly client: JobClient;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  for (const { dataSet } of loads) {
    if (!isLarge(dataSet)) await createJob(client, settings, dataSet);
  }
  for (const each of loads.toSorted((a, b) => a.total - b.total)) {
    const topic = settings.topicOf(each.dataSet.name);
    await produce({
      kafka,
      dataSet: each.dataSet,
      topic,
      limit: each.total,
      present: await logRanges(admin, topic),
      signal,
      onProgress: (rows) => {
        each.produced = rows;
      },
    });
    if (signal.aborted) return;
    each.ranges = await logRanges(admin, topic);
    if (isLarge(each.dataSet)) await createJob(client, settings, each.dataSet);
  }
}

/** A question to a table that was mapped, as a user would ask it. */
async function showQuery({ name, mapping }: DataSet, settings: DemoSettings): Promise<void> {
  if (!mapping) return;
  const directory = join(settings.tablesDirectory, name);
  const files = await committedFiles(directory, 'parquet');
  if (files.length === 0) return;
  const answer = await queryParquet(mapping.query, files);
  const shown = mapping.query.replace('$table', `'${directory}/*.parquet'`);
  for (const line of queryLines(shown, answer)) settings.screen.say(line);
}

function isLarge({ count }: DataSet): boolean {
  return count >= 1_000_000;
}

async function tableOf(
  { dataSet, ranges }: Load,
  settings: DemoSettings,
  client: JobClient,
): Promise<TableUnderTest> {
  const job = await client.show(dataSet.name);
  const { filtered = 0, rejected = 0 } = job?.statistics ?? {};
  return {
    name: dataSet.name,
    topic: settings.topicOf(dataSet.name),
    ranges: ranges ?? new Map(),
    directory: join(settings.tablesDirectory, dataSet.name),
    shape: shapeOf(dataSet),
    counted: { filtered, rejected },
  };
}

function shapeOf({ format, tableFormat, columns, mapping }: DataSet): TableUnderTest['shape'] {
  return {
    valueFormat: format.type === 'csv' ? 'csv' : 'json',
    tableFormat,
    columns: columns ?? [],
    expected: mapping?.expected,
  };
}
