import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ScheduledEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/settings/functions.ts';
import {
  ask,
  type BundledInstallation,
  LOGIN,
  SECRET,
  startBundledInstallation,
} from '../support/bundled-installation.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { query } from '../support/query.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { startRegistryDouble } from '../support/registry/registry-double.ts';

/** What is deployed is what is tested here: see {@link startBundledInstallation}. */

const BUCKET = 'my-tables';
const EVERY_MINUTE = { source: 'aws.scheduler', detail: {} } as unknown as ScheduledEvent;

let world: BundledInstallation;
beforeAll(async () => {
  world = await startBundledInstallation();
});
afterAll(() => world?.stop());

describe('the bundles', { timeout: 120_000 }, () => {
  it('make a job over HTTP, plan it and load it from every codec, with a login from a secret', async () => {
    const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
    const topic = await createTopic([world.broker.bootstrap], { partitions: codecs.length });
    for (const [partition, codec] of codecs.entries()) {
      const records = Array.from({ length: 50 }, (_, n) => ({
        partition,
        value: JSON.stringify({ codec, n, text: 'the same words again and again '.repeat(20) }),
      }));
      await produce([world.broker.bootstrap], topic, { records, codec });
    }
    const [api, scheduler, loader] = await Promise.all([
      world.start('api'),
      world.start('scheduler'),
      world.start('loader'),
    ]);

    const made = await ask(api, 'POST /jobs', {
      name: 'bundled',
      source: {
        kafka: {
          brokers: [world.broker.addresses.SASL_PLAINTEXT],
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
    for (const event of await world.pipeEvents(made.body.id, 2)) {
      expect(await loader.invoke(event)).toMatchObject([{ end: 'done' }]);
    }

    const rows = (await world.linesOf('bundled')).map((line) => JSON.parse(line));
    expect(
      rows.map((row) => `${row._partition}/${row._offset}/${row.codec}/${row.n}`).sort(),
    ).toEqual(
      codecs
        .flatMap((codec, p) => Array.from({ length: 50 }, (_, n) => `${p}/${n}/${codec}/${n}`))
        .sort(),
    );
    const shown = await ask(api, 'GET /jobs/bundled');
    expect(shown.body).toMatchObject({ state: 'RUNNING' });
    const log = await readFile(join(world.root, 'logs', 'loader.log'), 'utf8');
    expect(log).not.toContain(LOGIN.password);
    expect(log).toContain('"TasksDone":1');
    const schedulerLog = await readFile(join(world.root, 'logs', 'scheduler.log'), 'utf8');
    expect(schedulerLog).toMatch(/"LagRecords":\d+/);
    for (const cost of ['TaskGbSeconds', 'TaskReadUnits', 'TaskWriteUnits']) {
      expect(log).toMatch(new RegExp(`"${cost}":[0-9.]*[1-9]`));
    }
    expect(schedulerLog).toMatch(/"CycleReadUnits":[1-9]/);
  });

  it('map and filter rows by the engine that is shipped beside them', async () => {
    const topic = await createTopic([world.broker.bootstrap]);
    const records = Array.from({ length: 30 }, (_, n) => ({ value: JSON.stringify({ n }) }));
    await produce([world.broker.bootstrap], topic, { records });
    const [api, scheduler, loader] = await Promise.all([
      world.start('api'),
      world.start('scheduler'),
      world.start('loader'),
    ]);

    const made = await ask(api, 'POST /jobs', {
      name: 'mapped',
      source: { kafka: { brokers: [world.broker.bootstrap], topic, startOffsets: 'earliest' } },
      columns: 'n, twice = n * 2',
      where: 'n >= 28',
      types: { n: 'int' },
      destination: { file: { table: 'mapped' } },
    });
    expect(made.status).toBe(201);
    await scheduler.invoke(EVERY_MINUTE);
    for (const event of await world.pipeEvents(made.body.id, 1)) await loader.invoke(event);

    expect((await world.linesOf('mapped')).map((line) => JSON.parse(line))).toEqual([
      { n: 28, twice: 56 },
      { n: 29, twice: 58 },
    ]);
  });

  it('write Parquet into S3 and into a directory, and tell X-Ray of every step', async () => {
    const topic = await createTopic([world.broker.bootstrap]);
    const records = Array.from({ length: 30 }, (_, n) => ({
      value: JSON.stringify({ n: `${9_007_199_254_740_993n + BigInt(n)}`, price: `${n}.05` }),
    }));
    await produce([world.broker.bootstrap], topic, { records });
    const client = world.s3.client();
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const [api, scheduler, loader] = await Promise.all([
      world.start('api'),
      world.start('scheduler'),
      world.start('loader'),
    ]);

    const format = 'parquet';
    const destinations = {
      lake: { s3: { bucket: BUCKET, prefix: 'lake', endpoint: world.s3.endpoint, format } },
      folder: { file: { table: 'folder', format } },
    };
    for (const [name, destination] of Object.entries(destinations)) {
      const made = await ask(api, 'POST /jobs', {
        name,
        source: { kafka: { brokers: [world.broker.bootstrap], topic, startOffsets: 'earliest' } },
        types: { n: 'BIGINT', price: 'DECIMAL(9,2)' },
        destination,
      });
      expect(made.body).toMatchObject({ name });
      await scheduler.invoke(EVERY_MINUTE);
      for (const event of await world.pipeEvents(made.body.id, 1)) {
        expect(await loader.invoke(event)).toMatchObject([{ end: 'done' }]);
      }
    }

    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^lake\/.+\.parquet$/)]);
    const object = { Bucket: BUCKET, Key: Contents[0]!.Key! };
    const { Body } = await client.send(new GetObjectCommand(object));
    const copy = join(world.root, 'lake.parquet');
    await writeFile(copy, await Body!.transformToByteArray());
    client.destroy();
    for (const file of [copy, join(world.root, 'tables/folder/*.parquet')]) {
      expect(
        await query(`select count(*)::integer, max(n), max(price)::varchar from '${file}'`),
      ).toEqual([[30, '9007199254741022', '29.05']]);
    }
    const names = new Set(world.traced.map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining([
        ...['claim', 'task', 'read', 'prepare', 'decide', 'commit', 'advance'],
        ...['job', 'observe', 'apply'],
      ]),
    );
    const about = world.traced.find(({ name }) => name === 'task')?.annotations;
    expect(about).toEqual({ jobId: expect.any(String), taskId: expect.any(String), attempt: 1 });
  });

  it('decode values by schemas of a registry, by code that only such a job loads', async () => {
    const registry = await startRegistryDouble();
    registry.register(1, {
      schemaType: 'PROTOBUF',
      schema: 'syntax = "proto3"; message Row { int64 n = 1; }',
    });
    const topic = await createTopic([world.broker.bootstrap]);
    // 2^60 + 1, which no number of JavaScript is.
    const row = Buffer.from('08818080808080808010', 'hex');
    const value = confluentFrame(1, Buffer.from([0]), row);
    await produce([world.broker.bootstrap], topic, { records: [{ value }] });
    const [api, scheduler, loader] = await Promise.all([
      world.start('api'),
      world.start('scheduler'),
      world.start('loader'),
    ]);

    const made = await ask(api, 'POST /jobs', {
      name: 'decoded',
      source: { kafka: { brokers: [world.broker.bootstrap], topic, startOffsets: 'earliest' } },
      format: { type: 'protobuf', registry: { confluent: { url: registry.url } } },
      destination: { file: { table: 'decoded' } },
    });
    expect(made.status).toBe(201);
    await scheduler.invoke(EVERY_MINUTE);
    for (const event of await world.pipeEvents(made.body.id, 1)) await loader.invoke(event);
    await registry.stop();

    expect(await world.linesOf('decoded')).toEqual(['{"n":1152921504606846977}']);
  });

  it('name the trouble, although what was minified has other names', async () => {
    const [api, scheduler] = await Promise.all([world.start('api'), world.start('scheduler')]);
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
      const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(world.bundleOf(name)).href)}); console.log(performance.now() - t); process.exit()`;
      const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { PATH: process.env.PATH, ...world.environmentOf(name) },
        encoding: 'utf8',
      });
      const ms = Math.round(Number(out.trim().split('\n').at(-1)));
      console.log(`${name}: imported in ${ms} ms`);
      expect(ms).toBeLessThan(budgetMs);
    }
  });
});
