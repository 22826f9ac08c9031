/**
 * `npm run bench -- --sinks`: each destination at two sizes of slices, one loader in a process of its own, with its
 * speed and the most memory that it had, beside something public that does a part of the same work. Doris and
 * StarRocks are doubles that count rows and keep none; S3 is Adobe's S3Mock. `--short` takes a minute.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { startDynamoDbLocal } from '../../infra/local/dynamodb.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { requireJava, requireMaven } from '../../infra/local/prerequisites.ts';
import { startAwsDouble } from '../../test/support/aws-double.ts';
import { startDoris } from '../../test/support/doris/doris-double.ts';
import { startS3Mock } from '../../test/support/s3/s3mock.ts';
import { startStarrocks } from '../../test/support/starrocks/starrocks-double.ts';
import { SECRET } from '../../test/support/warehouse/sink-over.ts';
import { type BenchTopic, fillTopic } from '../topics.ts';
import { type Measurement, measureApart } from './measurement.ts';
import { contendersFor, type SinkCase } from './sink-cases.ts';
import { headLine, tableLine } from './sink-table.ts';
import { BUCKET } from './yardsticks.ts';

const MEMORY = '/dev/shm';
const MIB = 1024 * 1024;
/** More than the large slice holds, so that it is one. */
const FULL = { records: 560_000, slices: [64 * MIB, 512 * MIB] } as const;
const SHORT = { records: 60_000, slices: [8 * MIB, 48 * MIB] } as const;
const WARM_UP: BenchTopic = { name: 'warm-up', records: 10_000, recordBytes: 1_000 };

const say = (line: string) => process.stdout.write(`${line}\n`);

async function startServers(stop: AsyncDisposableStack) {
  const directory = await mkdtemp(join(tmpdir(), 'routine-load-bench-'));
  stop.defer(() => rm(directory, { recursive: true, force: true }));
  const files = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'routine-load-bench-'));
  stop.defer(() => rm(files, { recursive: true, force: true }));
  const broker = await startBroker({ directory: join(directory, 'kafka') });
  stop.defer(() => broker.stop());
  const dynamodb = await startDynamoDbLocal();
  stop.defer(() => dynamodb.stop());
  const s3 = await startS3Mock();
  stop.defer(() => s3.stop());
  await s3.client().send(new CreateBucketCommand({ Bucket: BUCKET }));
  const doris = await startDoris({ keepsRows: false });
  stop.defer(() => doris.close());
  const starrocks = await startStarrocks({ keepsRows: false });
  stop.defer(() => starrocks.close());
  const secrets = await startAwsDouble();
  stop.defer(() => secrets.stop());
  const { user, password } = doris.login;
  secrets.secrets.set(SECRET, JSON.stringify({ username: user, password }));
  return { broker, dynamodb, s3, doris, starrocks, secrets, files };
}

type Servers = Awaited<ReturnType<typeof startServers>>;

/** The yardstick of Kafka itself; the file that it writes is what the others read. */
async function writeLines(base: Measurement, environment: Record<string, string>) {
  const directory = join(base.directory, 'lines');
  await mkdir(directory);
  const measured = await measureApart({ ...base, contender: 'kafkajs', directory }, environment);
  const [name = ''] = await readdir(directory);
  return { file: join(directory, name), measured };
}

async function measureAll(servers: Servers, topic: BenchTopic, slices: readonly [number, number]) {
  const { broker, dynamodb, s3, doris, starrocks, secrets, files } = servers;
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  };
  const base: Measurement = {
    contender: 'routine-load',
    brokers: [broker.bootstrap],
    dynamodb: dynamodb.endpoint,
    topic,
    warmUp: WARM_UP,
    warmUpDirectory: files,
    directory: files,
    mapping: {},
    maxBytes: slices[0],
    s3Endpoint: s3.endpoint,
    backend: doris.backends[0]?.address ?? '',
    login: `${doris.login.user}:${doris.login.password}`,
    file: '',
    zstd: false,
  };
  say('a plain kafkajs consumer writes the lines into a file');
  const { file, measured: kafkajs } = await writeLines(base, environment);
  const run = async (change: Partial<Measurement>) => {
    const directory = await mkdtemp(join(files, 'run-'));
    try {
      return await measureApart({ ...base, file, ...change, directory }, environment);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
  say(headLine(slices));
  const cases = contendersFor({
    s3: s3.endpoint,
    doris: doris.addresses(),
    starrocks: starrocks.addresses(),
  });
  for (const each of cases) {
    const small = await run({ mapping: each.mapping, maxBytes: slices[0] });
    const large = await run({ mapping: each.mapping, maxBytes: slices[1] });
    const yardstick = await yardstickOf(each, { kafkajs, run });
    say(tableLine(each, { topic, small, large, yardstick }));
  }
}

async function yardstickOf(
  { yardstick, zstd }: SinkCase,
  by: {
    readonly kafkajs: { readonly seconds: number };
    readonly run: (change: Partial<Measurement>) => Promise<{ readonly seconds: number }>;
  },
): Promise<number> {
  if (yardstick === 'kafkajs') return by.kafkajs.seconds;
  return (await by.run({ contender: yardstick, zstd: zstd ?? false })).seconds;
}

/** Starts everything, measures, prints as it goes. */
export async function benchSinks({ short }: { readonly short: boolean }): Promise<void> {
  await requireJava();
  await requireMaven();
  const { records, slices } = short ? SHORT : FULL;
  await using stop = new AsyncDisposableStack();
  say('starting a broker, DynamoDB Local, S3Mock and the doubles of Doris and StarRocks');
  const servers = await startServers(stop);
  const topic = { name: 'records-1000', records, recordBytes: 1_000 };
  say(`filling a topic: ${records} records of 1,000 bytes, 4 partitions`);
  for (const each of [WARM_UP, topic]) await fillTopic([servers.broker.bootstrap], each, 'none');
  await measureAll(servers, topic, slices);
}
