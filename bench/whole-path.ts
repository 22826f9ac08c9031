/**
 * `npm run bench`: the whole path, from a job's creation to its rows in committed files, on one loader,
 * beside kcat reading the same topic to /dev/null and a plain kafkajs consumer writing the same lines.
 * `--short` measures with a tenth of the records, `--store` only what the store costs. What the cost model goes by
 * is written to infra/cost/measured.json. `--sinks` measures every destination instead (bench/sinks).
 *
 * Files are written to memory (/dev/shm) where there is some, so that the disk is not what is measured;
 * `--disk` writes them to the disk, with all that fsync costs there.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Usage } from '#shared/store/counted-client.ts';
import { startDynamoDbLocal } from '../infra/local/dynamodb.ts';
import { startBroker } from '../infra/local/kafka/start-broker.ts';
import { requireJava, requireMaven } from '../infra/local/prerequisites.ts';
import { type BenchMapping, makeRoutineLoad, runKafkajs, runKcat } from './contenders.ts';
import { keepMeasured } from './measured-costs.ts';
import { makeMeasuredTables } from './measured-tables.ts';
import { benchSinks } from './sinks/sinks.ts';
import { type BenchTopic, fillTopic } from './topics.ts';

const ROUNDS = 3;
const SLICE_BYTES = 64 * 1024 * 1024;
/** The default of a batch: its files are what is measured, not the overhead of many tasks. */
const MAPPED_SLICE_BYTES = 256 * 1024 * 1024;
const CYCLES = 10;
const MEMORY = '/dev/shm';

const say = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Each run finds the memory that files are in as the one before did. */
async function empty(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true });
}

type Parts = Awaited<ReturnType<typeof startParts>>;

async function startParts() {
  await requireJava();
  await requireMaven();
  const inMemory = existsSync(MEMORY) && !process.argv.includes('--disk');
  const directory = await mkdtemp(join(tmpdir(), 'routine-load-bench-'));
  const files = await mkdtemp(join(inMemory ? MEMORY : tmpdir(), 'routine-load-bench-'));
  const [broker, dynamodb] = await Promise.all([
    startBroker({ directory: join(directory, 'kafka') }),
    startDynamoDbLocal(),
  ]);
  const measured = await makeMeasuredTables(dynamodb.endpoint);
  const brokers = [broker.bootstrap];
  return {
    brokers,
    files,
    measured,
    product: makeRoutineLoad(measured.tables, { brokers, directory: files }),
    async stop() {
      await Promise.all([broker.stop(), dynamodb.stop()]);
      for (const folder of [directory, files]) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function compare({ brokers, files, product }: Parts, topic: BenchTopic): Promise<void> {
  const seconds: Record<string, number[]> = { 'routine load': [], kafkajs: [], kcat: [] };
  let tasks = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const ours = await product.run(topic, SLICE_BYTES);
    await empty(files);
    const kafkajs = await runKafkajs(brokers, topic, files);
    await empty(files);
    const kcat = await runKcat(brokers, topic);
    // The first round warms the broker's page cache and the compilers, for all three alike.
    if (round === 0) continue;
    tasks = ours.tasks;
    seconds['routine load']?.push(ours.seconds);
    seconds.kafkajs?.push(kafkajs);
    if (kcat !== undefined) seconds.kcat?.push(kcat);
  }
  say(
    `\n${topic.records} records of ${topic.recordBytes} bytes, 4 partitions, one loader, ${tasks} tasks`,
  );
  say('                     s (min .. max)       rows/s     MB/s   routine load is');
  const ours = median(seconds['routine load'] ?? []);
  for (const [name, times] of Object.entries(seconds)) {
    if (times.length === 0) {
      say(`  ${name.padEnd(14)} not installed (Debian package kcat)`);
      continue;
    }
    const time = median(times);
    const range = `${time.toFixed(2)} (${Math.min(...times).toFixed(2)} .. ${Math.max(...times).toFixed(2)})`;
    const rows = Math.round(topic.records / time).toLocaleString('en');
    const megabytes = ((topic.records * topic.recordBytes) / time / 1e6).toFixed(0);
    const ratio = name === 'routine load' ? '' : `${(time / ours).toFixed(2)} x as fast`;
    say(
      `  ${name.padEnd(14)} ${range.padStart(20)} ${rows.padStart(12)} ${megabytes.padStart(8)}   ${ratio}`,
    );
  }
}

/** Half of the rows, two of them computed and all typed. */
const MAPPING: BenchMapping = {
  columns: 'id, code, late = delay > 15, on_time, note',
  where: 'delay < 45',
  types: { id: 'BIGINT', delay: 'INTEGER', on_time: 'BOOLEAN' },
};

/** The same records through the engine, and what this process has of memory at most. */
async function compareMappings({ files, product }: Parts, topic: BenchTopic): Promise<void> {
  say(`\n${topic.records} records of ${topic.recordBytes} bytes, mapped and filtered, one loader`);
  say('                     s (min .. max)       rows/s     MB/s   memory of the process, MB');
  const contenders: [name: string, mapping: BenchMapping][] = [
    ['bytes, ndjson', {}],
    ['mapped, ndjson', { ...MAPPING, format: 'ndjson' }],
    ['mapped, csv', { ...MAPPING, format: 'csv' }],
    ['mapped, parquet', { ...MAPPING, format: 'parquet' }],
  ];
  for (const [name, mapping] of contenders) {
    const seconds: number[] = [];
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 50);
    for (let round = 0; round <= ROUNDS; round += 1) {
      const { seconds: taken } = await product.run(topic, MAPPED_SLICE_BYTES, mapping);
      await empty(files);
      if (round > 0) seconds.push(taken);
    }
    clearInterval(watch);
    const time = median(seconds);
    const range = `${time.toFixed(2)} (${Math.min(...seconds).toFixed(2)} .. ${Math.max(...seconds).toFixed(2)})`;
    const rows = Math.round(topic.records / time).toLocaleString('en');
    const megabytes = ((topic.records * topic.recordBytes) / time / 1e6).toFixed(0);
    say(
      `  ${name.padEnd(16)} ${range.padStart(18)} ${rows.padStart(12)} ${megabytes.padStart(8)}   ${(most / 1e6).toFixed(0)}`,
    );
  }
}

/** What the store costs: per task of a long chain, and per cycle with and without an idle job. */
async function countStore({ measured, product }: Parts, topic: BenchTopic): Promise<void> {
  const row = (name: string, usage: Usage, by: number) => {
    const shown = [usage.calls, usage.readUnits, usage.writeUnits].map((n) => (n / by).toFixed(1));
    const [calls = '', reads = '', writes = ''] = shown;
    say(`  ${name.padEnd(28)} ${calls.padStart(6)} ${reads.padStart(12)} ${writes.padStart(13)}`);
  };
  const cycles = async () => {
    measured.take();
    for (let i = 0; i < CYCLES; i += 1) await product.cycle();
    return measured.take();
  };
  say('\nDynamoDB, by its own count      calls   read units   write units');
  const none = await cycles();
  row('cycle without any job', none, CYCLES);

  const id = await product.createJob(topic, { maxBytes: 1024 * 1024, bounded: true });
  await product.cycle();
  measured.take();
  const tasks = await product.load(id);
  const ofTasks = measured.take();
  row(`task (of ${tasks} in a chain)`, ofTasks, tasks);
  await product.cycle();
  await product.cycle();

  await product.createJob(topic, { maxBytes: SLICE_BYTES, bounded: false });
  await product.cycle();
  const idle = await cycles();
  row('cycle with one idle job', idle, CYCLES);
  keepMeasured({ tasks, ofTasks, cycles: CYCLES, without: none, idle });
}

async function main(): Promise<void> {
  const share = ['--short', '--store'].some((flag) => process.argv.includes(flag)) ? 0.1 : 1;
  say('starting a broker and DynamoDB Local, and filling topics');
  const parts = await startParts();
  try {
    const topics = [
      { name: 'records-100', records: 1_000_000 * share, recordBytes: 100 },
      { name: 'records-1000', records: 300_000 * share, recordBytes: 1_000 },
    ];
    for (const topic of topics) await fillTopic(parts.brokers, topic, 'none');
    if (!process.argv.includes('--store')) {
      for (const topic of topics) await compare(parts, topic);
      for (const topic of topics) await compareMappings(parts, topic);
    }
    await countStore(parts, topics[0] as BenchTopic);
  } finally {
    await parts.stop();
  }
}

if (process.argv.includes('--sinks')) await benchSinks({ short: process.argv.includes('--short') });
else await main();
process.exit();
