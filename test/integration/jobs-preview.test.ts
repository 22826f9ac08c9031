import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Clock, systemClock } from '../../functions/shared/clock.ts';
import type { Gateway } from '../../infra/local/gateway.ts';
import { serveApi } from '../support/jobs-command.ts';
import { jobsHere } from '../support/jobs-here.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { type Previewing, previewingOver } from '../support/previewing.ts';
import { freshTables } from '../support/product.ts';

/** `preview`: asks, waits for a loader, and shows what it found. */

const brokers = inject('kafkaBrokers');
let previewing: Previewing;
let api: Gateway;
/** Of the last preview that was asked about. */
let asked: string | undefined;

beforeAll(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  previewing = previewingOver(tables);
  api = await serveApi(tables, ({ rawPath }) => {
    asked = /^\/previews\/(.+)$/.exec(rawPath)?.[1] ?? asked;
    return undefined;
  });
});
afterAll(async () => {
  await api.close();
  await previewing.close();
});

/** Whoever waits finds that a loader has made the preview meanwhile. */
const clock: Clock = {
  now: systemClock.now,
  sleep: async () => {
    if (asked !== undefined) await previewing.make(asked);
  },
};

const preview = (spec: object, ...options: string[]) =>
  jobsHere(['preview', '-', ...options], { url: api.url, input: JSON.stringify(spec), clock });

async function specOf(values: readonly (string | null)[], more: object = {}) {
  const topic = await createTopic(brokers, { partitions: 1 });
  await produce(brokers, topic, { records: values.map((value) => ({ value })) });
  return {
    source: { kafka: { brokers, topic } },
    destination: { file: { table: 'flights' } },
    ...more,
  };
}

/** Lines with their runs of blanks as one. */
const linesOf = (text: string) => text.split('\n').map((line) => line.trim().replace(/ +/g, ' '));

it('shows what becomes of each record, with all digits of its numbers, and the columns', async () => {
  const spec = await specOf(
    [
      '{"id": 12345678901234567890, "delay": 20}',
      '{"id": 2, "delay": 5}',
      '{"id": 3, "delay": "x"}',
      null,
    ],
    {
      columns: 'id, late = delay > 15',
      where: 'delay > 10',
      types: { id: 'HUGEINT', delay: 'INTEGER' },
    },
  );
  const { code, out } = await preview(spec, '--from', 'earliest');
  expect(code).toBe(0);
  expect(linesOf(out)).toEqual([
    'partition offset becomes',
    '0 0 row {"id":12345678901234567890,"late":true}',
    '0 1 filtered {"id": 2, "delay": 5}',
    expect.stringMatching(/^0 2 bad column delay: /),
    expect.stringMatching(/'x' to INT32$/),
    '{"id": 3, "delay": "x"}',
    '0 3 skipped policies.tombstone is skip',
    'columns id HUGEINT, late BOOLEAN',
    'counts 4 records = 1 loaded + 1 filtered + 1 bad + 1 skipped',
    '',
  ]);
});

it('takes how many records, and from where', async () => {
  const spec = await specOf(['{"n":0}', '{"n":1}', '{"n":2}']);
  const one = await preview(spec, '--from', '{"0": "1"}', '--records', '1');
  expect(linesOf(one.out)[1]).toBe('0 1 row {"n":1}');
  const faulty = await preview(spec, '--records', '0');
  expect(faulty).toMatchObject({ code: 1, err: expect.stringContaining('/maxRecords') });
});

it('is of a job that exists, as a patch would alter it', async () => {
  const spec = await specOf(['{"n":7}']);
  await jobsHere(['create', '-', '--name', 'mine'], {
    url: api.url,
    input: JSON.stringify({
      ...spec,
      source: { kafka: { ...spec.source.kafka, startOffsets: 'earliest' } },
    }),
  });
  const { out } = await preview(
    { columns: 'twice = n * 2', types: { n: 'INTEGER' } },
    '--job',
    'mine',
  );
  expect(linesOf(out)[1]).toBe('0 0 row {"twice":14}');
});

it('that fails ends with 1 and the reason', async () => {
  const spec = await specOf(['{"n":0}'], { columns: 'm = nonsense(n)' });
  const { code, out } = await preview(spec);
  expect(code).toBe(1);
  expect(out).toMatch(/^failed +[A-Z_]+: .*nonsense/m);
});
