import { execFileSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ScheduledEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { BUNDLE_FILE, bundleFunction } from '../../infra/bundle/bundle-function.ts';
import { toGatewayEvent } from '../../infra/local/gateway-event.ts';
import { type LocalBroker, startBroker } from '../../infra/local/kafka/start-broker.ts';
import { startPipe } from '../../infra/local/pipe.ts';
import { type Sandbox, startSandbox } from '../../infra/local/sandbox.ts';
import { PIPE_FILTER_CRITERIA } from '../../infra/settings/dispatch.ts';
import {
  FUNCTION_LIMITS,
  FUNCTION_NAMES,
  type FunctionName,
} from '../../infra/settings/functions.ts';
import { type AwsDouble, startAwsDouble } from '../support/aws-double.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { query } from '../support/query.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { startRegistryDouble } from '../support/registry/registry-double.ts';
import { type S3Mock, startS3Mock } from '../support/s3/s3mock.ts';
import { deployedEnvironment } from '../support/stacks.ts';
import { type FreshTables, freshTables } from '../support/tables.ts';

/**
 * What is deployed is what is tested here: the bundles that the stack makes, each in a process of its own with
 * the environment that the stack gives it. Only addresses differ.
 */

const SECRET =
  'arn:aws:secretsmanager:us-east-1:111111111111:secret:AmazonMSK_routine-load/loader-AbCdEf';
const LOGIN = { username: 'loader', password: 'opens-sesame' };
const BUCKET = 'my-tables';
const TRACE = '1-5759e988-bd862e3fe1be46a994272793';
const PART = { scheduler: 'SchedulerCycle', loader: 'LoaderTask', api: 'ApiJobs' } as const;
const host = process.arch === 'arm64' ? 'arm64' : 'x64';

let root: string;
let broker: LocalBroker;
let aws: AwsDouble;
let store: FreshTables;
let s3: S3Mock;
/** Stands in for X-Ray's daemon, and what it was sent. */
let daemon: Socket;
const traced: { readonly name: string; readonly annotations?: object }[] = [];
const sandboxes: Sandbox[] = [];

const bundleOf = (name: FunctionName) => join(root, 'bundles', name, BUNDLE_FILE);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'routine-load-bundles-'));
  const bundles = FUNCTION_NAMES.map((name) =>
    bundleFunction(name, { directory: join(root, 'bundles', name), architecture: host }),
  );
  daemon = createSocket('udp4').on('message', (bytes) => {
    traced.push(JSON.parse(bytes.toString('utf8').split('\n')[1] ?? ''));
  });
  daemon.bind(0, '127.0.0.1');
  [broker, aws, store, s3] = await Promise.all([
    startBroker({
      directory: join(root, 'broker'),
      listeners: ['SASL_PLAINTEXT'],
      users: [LOGIN],
    }),
    startAwsDouble(),
    freshTables(),
    startS3Mock(),
    once(daemon, 'listening'),
    ...bundles,
  ]);
  aws.secrets.set(SECRET, JSON.stringify(LOGIN));
});

afterAll(async () => {
  await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
  await aws?.stop();
  await s3?.stop();
  daemon.close();
  await broker?.stop();
  await rm(root, { recursive: true, force: true });
});

function environmentOf(name: FunctionName): Record<string, string> {
  return {
    ...deployedEnvironment(PART[name]),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_SESSION_TOKEN: 'example',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
    DYNAMODB_ENDPOINT: store.endpoint,
    JOBS_TABLE: store.jobsTable,
    TASKS_TABLE: store.tasksTable,
    ALLOWED_BROKERS: '127.0.0.1',
    ALLOWED_REGISTRIES: '127.0.0.1',
    ALLOWED_ENDPOINTS: s3.endpoint,
    // What Lambda itself sets.
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(FUNCTION_LIMITS[name].memoryMb),
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    _X_AMZN_TRACE_ID: `Root=${TRACE};Parent=53995c3f42cd8ad8;Sampled=1`,
    FILE_DIRECTORIES: join(root, 'tables'),
  };
}

async function start(name: FunctionName): Promise<Sandbox> {
  const sandbox = await startSandbox({
    name,
    handler: pathToFileURL(bundleOf(name)),
    environment: environmentOf(name),
    processes: 1,
    invocations: 1,
    timeoutMs: FUNCTION_LIMITS[name].timeoutMs,
    logFile: join(root, 'logs', `${name}.log`),
  });
  sandboxes.push(sandbox);
  return sandbox;
}

const EVERY_MINUTE = { source: 'aws.scheduler', detail: {} } as unknown as ScheduledEvent;

/** A request to the API's bundle, as API Gateway sends it. */
async function ask(api: Sandbox, request: string, body?: unknown) {
  const [method = '', target = ''] = request.split(' ');
  const event = toGatewayEvent({
    method,
    target,
    headers: { 'content-type': ['application/json'] },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    sourceIp: '127.0.0.1',
    requestId: 'test',
    now: Date.now(),
  });
  const answer = (await api.invoke(event)) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

/** What the pipe hands over of a job until `count` tasks came, out of the table's real stream. */
async function pipeEvents(jobId: string, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  const enough = Promise.withResolvers<void>();
  const streams = new DynamoDBStreamsClient({
    endpoint: store.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const pipe = startPipe({
    streams,
    streamArn: store.streamArn,
    filter: PIPE_FILTER_CRITERIA,
    clock: systemClock,
    onError: enough.reject,
    target: async (records) => {
      if (records[0]?.dynamodb?.Keys?.pk?.S !== jobId) return;
      events.push(records);
      if (events.length === count) enough.resolve();
    },
  });
  await enough.promise.finally(() => pipe.close());
  streams.destroy();
  return events;
}

async function linesOf(table: string): Promise<string[]> {
  const folder = join(root, 'tables', table);
  const files = (await readdir(folder)).filter((name) => !name.startsWith('_'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').slice(0, -1));
}

describe('the bundles', { timeout: 120_000 }, () => {
  it('make a job over HTTP, plan it and load it from every codec, with a login from a secret', async () => {
    const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
    const topic = await createTopic([broker.bootstrap], { partitions: codecs.length });
    for (const [partition, codec] of codecs.entries()) {
      const records = Array.from({ length: 50 }, (_, n) => ({
        partition,
        value: JSON.stringify({ codec, n, text: 'the same words again and again '.repeat(20) }),
      }));
      await produce([broker.bootstrap], topic, { records, codec });
    }
    const [api, scheduler, loader] = await Promise.all([
      start('api'),
      start('scheduler'),
      start('loader'),
    ]);

    const made = await ask(api, 'POST /jobs', {
      name: 'bundled',
      source: {
        kafka: {
          brokers: [broker.addresses.SASL_PLAINTEXT],
          topic,
          startOffsets: 'earliest',
          auth: { mechanism: 'scram-sha-512', secretArn: SECRET, tls: false },
        },
      },
      destination: { file: { table: 'bundled', metadata: ['_partition', '_offset'] } },
      desiredConcurrency: 2,
    });
    expect(made.status).toBe(201);
    expect(await scheduler.invoke(EVERY_MINUTE)).toMatchObject({ jobs: 1, failures: 0 });
    for (const event of await pipeEvents(made.body.id, 2)) {
      expect(await loader.invoke(event)).toMatchObject([{ end: 'done' }]);
    }

    const rows = (await linesOf('bundled')).map((line) => JSON.parse(line));
    expect(
      rows.map((row) => `${row._partition}/${row._offset}/${row.codec}/${row.n}`).sort(),
    ).toEqual(
      codecs
        .flatMap((codec, p) => Array.from({ length: 50 }, (_, n) => `${p}/${n}/${codec}/${n}`))
        .sort(),
    );
    const shown = await ask(api, 'GET /jobs/bundled');
    expect(shown.body).toMatchObject({ state: 'RUNNING' });
    const log = await readFile(join(root, 'logs', 'loader.log'), 'utf8');
    expect(log).not.toContain(LOGIN.password);
    expect(log).toContain('"TasksDone":1');
    const schedulerLog = await readFile(join(root, 'logs', 'scheduler.log'), 'utf8');
    expect(schedulerLog).toMatch(/"LagRecords":\d+/);
    for (const cost of ['TaskGbSeconds', 'TaskReadUnits', 'TaskWriteUnits']) {
      expect(log).toMatch(new RegExp(`"${cost}":[0-9.]*[1-9]`));
    }
    expect(schedulerLog).toMatch(/"CycleReadUnits":[1-9]/);
  });

  it('map and filter rows by the engine that is shipped beside them', async () => {
    const topic = await createTopic([broker.bootstrap]);
    const records = Array.from({ length: 30 }, (_, n) => ({ value: JSON.stringify({ n }) }));
    await produce([broker.bootstrap], topic, { records });
    const [api, scheduler, loader] = await Promise.all([
      start('api'),
      start('scheduler'),
      start('loader'),
    ]);

    const made = await ask(api, 'POST /jobs', {
      name: 'mapped',
      source: { kafka: { brokers: [broker.bootstrap], topic, startOffsets: 'earliest' } },
      columns: 'n, twice = n * 2',
      where: 'n >= 28',
      types: { n: 'int' },
      destination: { file: { table: 'mapped' } },
    });
    expect(made.status).toBe(201);
    await scheduler.invoke(EVERY_MINUTE);
    for (const event of await pipeEvents(made.body.id, 1)) await loader.invoke(event);

    expect((await linesOf('mapped')).map((line) => JSON.parse(line))).toEqual([
      { n: 28, twice: 56 },
      { n: 29, twice: 58 },
    ]);
  });

  it('write Parquet into S3 and into a directory, and tell X-Ray of every step', async () => {
    const topic = await createTopic([broker.bootstrap]);
    const records = Array.from({ length: 30 }, (_, n) => ({
      value: JSON.stringify({ n: `${9_007_199_254_740_993n + BigInt(n)}`, price: `${n}.05` }),
    }));
    await produce([broker.bootstrap], topic, { records });
    const client = s3.client();
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const [api, scheduler, loader] = await Promise.all([
      start('api'),
      start('scheduler'),
      start('loader'),
    ]);

    const format = 'parquet';
    const destinations = {
      lake: { s3: { bucket: BUCKET, prefix: 'lake', endpoint: s3.endpoint, format } },
      folder: { file: { table: 'folder', format } },
    };
    for (const [name, destination] of Object.entries(destinations)) {
      const made = await ask(api, 'POST /jobs', {
        name,
        source: { kafka: { brokers: [broker.bootstrap], topic, startOffsets: 'earliest' } },
        types: { n: 'BIGINT', price: 'DECIMAL(9,2)' },
        destination,
      });
      expect(made.body).toMatchObject({ name });
      await scheduler.invoke(EVERY_MINUTE);
      for (const event of await pipeEvents(made.body.id, 1)) {
        expect(await loader.invoke(event)).toMatchObject([{ end: 'done' }]);
      }
    }

    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^lake\/.+\.parquet$/)]);
    const object = { Bucket: BUCKET, Key: Contents[0]!.Key! };
    const { Body } = await client.send(new GetObjectCommand(object));
    const copy = join(root, 'lake.parquet');
    await writeFile(copy, await Body!.transformToByteArray());
    client.destroy();
    for (const file of [copy, join(root, 'tables/folder/*.parquet')]) {
      expect(
        await query(`select count(*)::integer, max(n), max(price)::varchar from '${file}'`),
      ).toEqual([[30, '9007199254741022', '29.05']]);
    }
    const names = new Set(traced.map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining([
        ...['claim', 'task', 'read', 'prepare', 'decide', 'commit', 'advance'],
        ...['job', 'observe', 'apply'],
      ]),
    );
    const about = traced.find(({ name }) => name === 'task')?.annotations;
    expect(about).toEqual({ jobId: expect.any(String), taskId: expect.any(String), attempt: 1 });
  });

  it('decode values by schemas of a registry, by code that only such a job loads', async () => {
    const registry = await startRegistryDouble();
    registry.register(1, {
      schemaType: 'PROTOBUF',
      schema: 'syntax = "proto3"; message Row { int64 n = 1; }',
    });
    const topic = await createTopic([broker.bootstrap]);
    // 2^60 + 1, which no number of JavaScript is.
    const row = Buffer.from('08818080808080808010', 'hex');
    const value = confluentFrame(1, Buffer.from([0]), row);
    await produce([broker.bootstrap], topic, { records: [{ value }] });
    const [api, scheduler, loader] = await Promise.all([
      start('api'),
      start('scheduler'),
      start('loader'),
    ]);

    const made = await ask(api, 'POST /jobs', {
      name: 'decoded',
      source: { kafka: { brokers: [broker.bootstrap], topic, startOffsets: 'earliest' } },
      format: { type: 'protobuf', registry: { confluent: { url: registry.url } } },
      destination: { file: { table: 'decoded' } },
    });
    expect(made.status).toBe(201);
    await scheduler.invoke(EVERY_MINUTE);
    for (const event of await pipeEvents(made.body.id, 1)) await loader.invoke(event);
    await registry.stop();

    expect(await linesOf('decoded')).toEqual(['{"n":1152921504606846977}']);
  });

  it('name the trouble, although what was minified has other names', async () => {
    const [api, scheduler] = await Promise.all([start('api'), start('scheduler')]);
    const refused = await ask(api, 'POST /jobs', { name: 'faulty', unknown: 1 });
    expect(refused.status).toBe(400);

    const kafka = { brokers: ['127.0.0.1:1'], topic: 'any' };
    const destination = { file: { table: 'any' } };
    await ask(api, 'POST /jobs', { name: 'dead', source: { kafka }, destination });
    await scheduler.invoke(EVERY_MINUTE);

    const shown = await ask(api, 'GET /jobs/dead');
    expect(shown.body).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'BROKER_UNREACHABLE' },
    });
  });

  it('load in the time that a cold start has', () => {
    const budgetMs = 3_000;
    for (const name of FUNCTION_NAMES) {
      const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(bundleOf(name)).href)}); console.log(performance.now() - t); process.exit()`;
      const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { PATH: process.env.PATH, ...environmentOf(name) },
        encoding: 'utf8',
      });
      const ms = Math.round(Number(out.trim().split('\n').at(-1)));
      console.log(`${name}: imported in ${ms} ms`);
      expect(ms).toBeLessThan(budgetMs);
    }
  });
});
