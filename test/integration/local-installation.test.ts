import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { jobClient } from '../../infra/local/demo/job-client.ts';
import { demoKafka } from '../../infra/local/demo/kafka-client.ts';
import { isExact } from '../../infra/local/demo/ledger.ts';
import { logRanges } from '../../infra/local/demo/topics.ts';
import { verifyTables } from '../../infra/local/demo/verify.ts';
import { type LocalInstallation, startInstallation } from '../../infra/local/local-installation.ts';
import { localFolders, readLocalSettings } from '../../infra/local/local-settings.ts';
import { createTopic } from '../support/kafka.ts';

const ROWS = 40_000;
const PARTITIONS = 4;

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A topic with rows, and what it takes to start an installation that loads it. */
async function setup() {
  const brokers = inject('kafkaBrokers');
  const topic = await createTopic(brokers, { partitions: PARTITIONS });
  const kafka = demoKafka(brokers);
  const producer = kafka.producer();
  await producer.connect();
  for (let from = 0; from < ROWS; from += 10_000) {
    const messages = Array.from({ length: 10_000 }, (_, i) => ({
      partition: i % PARTITIONS,
      value: JSON.stringify({ row: from + i, text: 'x'.repeat(100) }),
    }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  const root = await mkdtemp(join(tmpdir(), 'local-installation-'));
  stops.push(() => rm(root, { recursive: true, force: true }));
  const id = randomUUID();
  const settings = readLocalSettings({
    DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
    KAFKA_BROKERS: brokers.join(','),
    JOBS_TABLE: `jobs-${id}`,
    TASKS_TABLE: `tasks-${id}`,
    API_PORT: '0',
    CYCLE_MS: '300',
    LEASE_MS: '2000',
    LEASE_MARGIN_MS: '0',
  });
  const start = async () => {
    const parts = new Map<string, string>();
    const installation = await startInstallation(settings, localFolders(root), {
      clock: systemClock,
      onPart: (name, address) => parts.set(name, address),
      onTrouble: () => undefined,
    });
    stops.push(() => installation.close());
    const loaders = (parts.get('loaders') ?? '').match(/\d+/g)?.map(Number) ?? [];
    return { installation, client: jobClient(installation.apiUrl), loaders };
  };
  const verify = async ({ tablesDirectory }: LocalInstallation) => {
    const admin = kafka.admin();
    await admin.connect();
    const ranges = await logRanges(admin, topic).finally(() => admin.disconnect());
    const shape = { valueFormat: 'json', tableFormat: 'ndjson', columns: [] } as const;
    const [report] = await verifyTables(
      [{ name: 'rows', topic, ranges, directory: join(tablesDirectory, 'rows'), shape }],
      { kafka, signal: new AbortController().signal, onStep: () => undefined },
    );
    return report!;
  };
  const spec = {
    name: 'rows',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' as const } },
    destination: { file: { table: 'rows', metadata: ['_partition' as const, '_offset' as const] } },
    batch: { maxRows: 1_000 },
  };
  return { start, verify, spec };
}

it('F1: a job made over HTTP is loaded exactly once, although all loaders are killed while they load', async () => {
  const { start, verify, spec } = await setup();
  const { installation, client, loaders } = await start();
  expect(loaders).toHaveLength(2);
  expect(await client.create(spec)).toBe(true);
  await expect
    .poll(async () => (await client.show('rows'))?.statistics.rows, {
      timeout: 30_000,
      interval: 20,
    })
    .toBeGreaterThan(0);
  for (const pid of loaders) process.kill(pid, 'SIGKILL');
  expect((await client.show('rows'))?.statistics.rows).toBeLessThan(ROWS);
  await expect
    .poll(async () => (await client.show('rows'))?.statistics.rows, { timeout: 50_000 })
    .toBe(ROWS);
  const report = await verify(installation);
  expect(report.examples).toEqual([]);
  expect(isExact(report)).toBe(true);
  expect(report.rows).toBe(ROWS);
});

it('an installation that was closed goes on where it was, and knows and shows its jobs', async () => {
  const { start, verify, spec } = await setup();
  const first = await start();
  await first.client.create(spec);
  await expect
    .poll(async () => (await first.client.show('rows'))?.statistics.rows, {
      timeout: 30_000,
      interval: 20,
    })
    .toBeGreaterThan(0);
  await first.installation.close();
  const second = await start();
  expect(await second.client.create(spec)).toBe(false);
  await expect
    .poll(async () => (await second.client.show('rows'))?.statistics.rows, { timeout: 50_000 })
    .toBe(ROWS);
  const page = await fetch(second.installation.apiUrl, { headers: { accept: 'text/html' } });
  expect(await page.text()).toMatch(/>rows<[\s\S]*>RUNNING<[\s\S]*>40,000</);
  expect(isExact(await verify(second.installation))).toBe(true);
});
