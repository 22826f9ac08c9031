import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { DataSet } from '../../infra/local/demo/data-sets.ts';
import { demoKafka } from '../../infra/local/demo/kafka-client.ts';
import { isExact } from '../../infra/local/demo/ledger.ts';
import { produce } from '../../infra/local/demo/produce.ts';
import { ensureTopic, logRanges } from '../../infra/local/demo/topics.ts';
import { verifyTables } from '../../infra/local/demo/verify.ts';

const signal = new AbortController().signal;
const kafka = demoKafka(inject('kafkaBrokers'));
const admin = kafka.admin();
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'local-demo-'));
  await admin.connect();
});
afterAll(async () => {
  await admin.disconnect();
  await rm(root, { recursive: true, force: true });
});

/** 1,000 rows over three partitions, in a topic of its own. */
async function setup(codec: DataSet['codec']) {
  const topic = `demo-${randomUUID()}`;
  const values = Array.from({ length: 1_000 }, (_, row) => JSON.stringify({ row, text: 'ä€' }));
  const dataSet: DataSet = {
    name: topic,
    partitions: 3,
    codec,
    count: values.length,
    rows: async function* () {
      yield values.slice(0, 400);
      yield values.slice(400);
    },
    format: { type: 'json' },
    tableFormat: 'ndjson',
  };
  await ensureTopic(admin, { topic, partitions: 3 }, systemClock);
  const directory = join(root, topic);
  await mkdir(directory);
  const produceUpTo = async (limit: number) => {
    const told: number[] = [];
    const present = await logRanges(admin, topic);
    const onProgress = (rows: number) => told.push(rows);
    await produce({ kafka, dataSet, topic, limit, present, signal, onProgress });
    return told.at(-1);
  };
  const verify = async () => {
    const ranges = await logRanges(admin, topic);
    const shape = { valueFormat: 'json', tableFormat: 'ndjson', columns: [] } as const;
    const tables = [{ name: topic, topic, ranges, directory, shape }];
    const [report] = await verifyTables(tables, { kafka, signal, onStep: () => undefined });
    return report!;
  };
  /** Rows as a loader writes them; `change` may leave some out, double or spoil them. */
  const load = (change: (lines: string[]) => string[] = (lines) => lines) => {
    const lines = values.map((value, row) =>
      JSON.stringify({ _partition: row % 3, _offset: Math.floor(row / 3), ...JSON.parse(value) }),
    );
    return writeFile(join(directory, 'a.ndjson'), `${change(lines).join('\n')}\n`);
  };
  return { topic, produceUpTo, verify, load };
}

it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'a producer that was stopped goes on at the end of each partition, and the reader of the verification reads %s',
  async (codec) => {
    const { topic, produceUpTo, verify, load } = await setup(codec);
    expect(await produceUpTo(401)).toBe(401);
    expect(await produceUpTo(1_000)).toBe(1_000);
    expect(await produceUpTo(1_000)).toBe(1_000);
    const highs = [...(await logRanges(admin, topic)).values()].map(({ high }) => high);
    expect(highs).toEqual([334, 333, 333]);
    await load();
    const report = await verify();
    expect(report).toMatchObject({ records: 1_000, rows: 1_000, files: 1, examples: [] });
    expect(isExact(report)).toBe(true);
  },
);

it('the verification finds what is missing, doubled or changed in the files', async () => {
  const { produceUpTo, verify, load } = await setup('gzip');
  await produceUpTo(1_000);
  await load((lines) => [...lines.slice(0, 500), ...lines.slice(501)]);
  expect(await verify()).toMatchObject({ missing: 1, doubled: 0, different: 0 });
  await load((lines) => [...lines, lines[7]!]);
  expect(await verify()).toMatchObject({ missing: 0, doubled: 1, different: 0 });
  await load((lines) => lines.map((line, row) => (row === 3 ? line.replace('ä', 'a') : line)));
  expect(await verify()).toMatchObject({ missing: 0, doubled: 0, different: 1 });
});

it('a topic of the same name with other partitions is refused', async () => {
  const { topic } = await setup('gzip');
  await expect(ensureTopic(admin, { topic, partitions: 4 }, systemClock)).rejects.toThrow(
    `topic ${topic} must have 4 partitions, got 3; is it another's?`,
  );
});
