import type { S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIcebergSink } from '../../functions/loader/sinks/iceberg/open-iceberg-sink.ts';
import type { Sink } from '../../functions/loader/sinks/sink.ts';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import { icebergDestination } from '../../functions/shared/domain/spec/iceberg-destination.ts';
import { attemptLabel, type SinkHandle } from '../../functions/shared/domain/task.ts';
import { type FaultyCatalog, startFaultyCatalog } from '../support/iceberg/faulty-catalog.ts';
import { parquetOf } from '../support/iceberg/parquet-of.ts';
import { tableForEachTest } from '../support/iceberg/table-for-each-test.ts';
import { withFaults } from '../support/s3/faulty-client.ts';

/** The two phases of the sink, on Iceberg's own catalog: whatever becomes of a commit, its rows are there once. */

const lake = await tableForEachTest();
let faulty: FaultyCatalog;

beforeEach(async () => {
  faulty = await startFaultyCatalog(lake.uri);
  await lake.create('flights', [{ id: 1, name: 'id', type: 'long' }]);
});
afterEach(() => faulty.close());

const JOB = ulid(Date.UTC(2026, 0, 1));

/** A loader's sink: every loader has one of its own. */
function sink(client: S3Client = lake.s3.client): Sink {
  return openIcebergSink({
    destination: icebergDestination.parse({
      catalog: { uri: faulty.uri },
      namespace: lake.namespace,
      table: 'flights',
      endpoint: lake.s3.server.endpoint,
    }),
    jobName: 'flights',
    outbound: {
      allowed: allowedHosts(['127.0.0.1'], 'destinations'),
      clock: systemClock,
      connectTimeoutMs: 1_000,
      requestTimeoutMs: 5_000,
    },
    tokens: { get: async () => 'none', drop: () => {} },
    client,
    newToken: ulid,
    clock: systemClock,
  });
}

interface TestTask {
  readonly id?: string;
  readonly attempt?: number;
  readonly lane?: number;
  readonly revision?: number;
}

const labelOf = ({ id = ulid(), attempt = 1 }: TestTask) =>
  attemptLabel({ jobId: JOB, id }, attempt);

async function prepare(rows: readonly number[], task: TestTask = {}): Promise<SinkHandle> {
  const own = sink();
  await own.table?.();
  const { lane = 0, revision = 1 } = task;
  const slice = new Map([[0, { from: 0n, to: 10n }]]);
  const work = { lane, generation: 1, revision, slice, onProgress: () => {} };
  const writer = await own.open(labelOf(task), work);
  await writer.write(await parquetOf(rows));
  return writer.prepare();
}

const ids = async () => (await lake.rows('flights')).map(({ id }) => Number(id)).sort();
const snapshots = async () => (await lake.show('flights')).snapshots ?? [];
const property = (lane = 0) => `routine-load.${JOB}.${lane}`;
const metadataFiles = async () =>
  (await lake.s3.keys()).filter((key) => key.endsWith('.avro')).length;

const BY_ID = { 'source-id': 1, 'field-id': 1000, name: 'by', transform: 'identity' };
const COMMITTED = { kind: 'committed' };
const ALREADY = { kind: 'already-committed' };

describe('files', () => {
  it("are in nobody's sight until one snapshot shows them, which says whose it is", async () => {
    const handle = await prepare([1, 2]);
    expect([await ids(), await lake.s3.keys()]).toMatchObject([[], { length: 1 }]);

    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(await ids()).toEqual([1, 2]);
    const [snapshot] = await snapshots();
    expect(snapshot?.summary).toMatchObject({
      operation: 'append',
      'added-records': '2',
      'total-records': '2',
      'routine-load.task': handle.mark,
    });
    expect((await lake.show('flights')).properties[property()]).toBe(handle.mark);
  });

  it('of one decision are added once, however often it is committed, also behind others', async () => {
    const handle = await prepare([1]);
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(await sink().commit(handle)).toEqual(ALREADY);
    await lake.append('flights', 7);
    expect(await sink().commit(handle)).toEqual(ALREADY);
    expect(await ids()).toEqual([1, 7]);
    expect(await snapshots()).toHaveLength(2);
  });

  it('add up with what others write: totals, and all manifests of the snapshot before', async () => {
    await lake.append('flights', 7);
    await sink().commit(await prepare([1, 2]));
    await lake.append('flights', 8);
    await sink().commit(await prepare([3], { revision: 3 }));
    expect(await ids()).toEqual([1, 2, 3, 7, 8]);
    const all = await snapshots();
    expect(all.map((one) => one['sequence-number'])).toEqual([1, 2, 3, 4]);
    expect(all.at(-1)?.summary['total-records']).toBe('5');
  });

  it('are found by numbers: a column may get another name between the two phases', async () => {
    const handle = await prepare([1]);
    const renamed = [{ id: 1, name: 'number', type: 'long', required: false }];
    await lake.change(
      'flights',
      { action: 'add-schema', schema: { type: 'struct', fields: renamed }, 'last-column-id': 1 },
      { action: 'set-current-schema', 'schema-id': -1 },
    );
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(await lake.rows('flights')).toEqual([{ number: '1' }]);
  });

  it('of an attempt that is given up are gone, and those of others stay', async () => {
    const dead = { id: ulid(), attempt: 1 };
    await prepare([1], dead);
    const handle = await prepare([2], { ...dead, attempt: 2 });
    await sink().abort(labelOf(dead));
    expect(await lake.s3.uploads()).toHaveLength(1);
    await prepare([3], { id: dead.id, attempt: 3 });
    const removed = await sink().sweep?.(JOB, async ({ label }) => label.endsWith('_3'));
    expect([removed, (await lake.s3.uploads()).length]).toEqual([1, 1]);
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(await ids()).toEqual([2]);
  });
});

describe('F16: a commit to a table', () => {
  it.each([
    ['is lost', { answer: 'lost' }],
    ['is a 500', { answer: 500 }],
    ['is a 503', { answer: 503 }],
    ['is a 409', { answer: 409 }],
  ] as const)('that counted, but whose answer %s, is not repeated', async (_, fault) => {
    const handle = await prepare([1]);
    faulty.failNext(fault);
    expect(await sink().commit(handle)).toEqual(ALREADY);
    expect(faulty.commits).toEqual([200]);
    expect(await ids()).toEqual([1]);
  });

  it('that did not count is repeated', async () => {
    const handle = await prepare([1]);
    faulty.failNext({ isDone: false, answer: 'lost' }, { isDone: false, answer: 502 });
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(await ids()).toEqual([1]);
  });

  it('that loses against others is made anew on top of theirs, and leaves nothing of the one that lost', async () => {
    const handle = await prepare([1]);
    faulty.failNext({ before: () => lake.append('flights', 7) });
    const before = await metadataFiles();
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(faulty.commits).toEqual([409, 200]);
    expect(await ids()).toEqual([1, 7]);
    // Of each snapshot one list and one manifest.
    expect((await metadataFiles()) - before).toBe(4);
  });

  it('that lost its sequence number to another branch is made anew', async () => {
    await lake.append('flights', 7);
    const handle = await prepare([1]);
    const [snapshot] = await snapshots();
    const theirs = { ...snapshot, 'snapshot-id': 4711, 'sequence-number': 2 };
    const ref = { action: 'set-snapshot-ref', 'ref-name': 'theirs', type: 'branch' };
    const updates = [
      { action: 'add-snapshot', snapshot: theirs },
      { ...ref, 'snapshot-id': 4711 },
    ];
    faulty.failNext({ before: () => lake.change('flights', ...updates) });
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(faulty.commits).toEqual([400, 200]);
    expect(await ids()).toEqual([1, 7]);
  });

  it.each([
    [
      'version',
      [{ action: 'upgrade-format-version', 'format-version': 3 }],
      /format version became 3, files are for 2/,
    ],
    [
      'partition spec',
      [
        { action: 'add-spec', spec: { 'spec-id': 1, fields: [BY_ID] } },
        { action: 'set-default-spec', 'spec-id': -1 },
        { action: 'remove-partition-specs', 'spec-ids': [0] },
      ],
      /its partition spec 0 was removed/,
    ],
  ])('to a table that has its %s no more waits for a person', async (_, updates, message) => {
    const handle = await prepare([1]);
    await lake.change('flights', ...updates);
    expect(await sink().commit(handle)).toEqual({
      kind: 'in-doubt',
      message: expect.stringMatching(message),
    });
    expect(await ids()).toEqual([]);
  });

  it("by a second loader behind the first one's look wins alone, and the first one cleans up", async () => {
    const handle = await prepare([1]);
    faulty.failNext({ before: () => sink().commit(handle) });
    expect(await sink().commit(handle)).toEqual(ALREADY);
    expect(faulty.commits).toEqual([200, 409]);
    expect(await ids()).toEqual([1]);
    expect(await snapshots()).toHaveLength(1);
    expect(await metadataFiles()).toBe(2);
  });

  it('by five loaders at once counts once', async () => {
    const handle = await prepare([1, 2]);
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => sink().commit(handle)));
    expect(outcomes.filter(({ kind }) => kind === 'committed').length).toBeLessThan(2);
    expect(await ids()).toEqual([1, 2]);
    expect(await snapshots()).toHaveLength(1);
  });

  it('of eight lanes at once counts for each of them', async () => {
    const handles: SinkHandle[] = [];
    for (let lane = 0; lane < 8; lane += 1) handles.push(await prepare([lane], { lane }));
    const outcomes = await Promise.all(handles.map((handle) => sink().commit(handle)));
    expect(outcomes).toEqual(handles.map(() => COMMITTED));
    expect(await ids()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it.each(['PutObject', 'CompleteMultipartUpload'])(
    'whose loader dies at %s is finished by the next one',
    async (command) => {
      const handle = await prepare([1]);
      const broken = withFaults(lake.s3.server.client());
      const error = { name: 'AccessDenied', status: 403 };
      broken.failNext({ command, when: 'before', error });
      await expect(sink(broken.client).commit(handle)).rejects.toThrow('AccessDenied');
      expect(await ids()).toEqual([]);
      expect(await sink().commit(handle)).toEqual(COMMITTED);
      expect(await ids()).toEqual([1]);
      broken.client.destroy();
    },
  );
});

describe('F17: what the table says of a task', () => {
  it('holds against a loader that comes late, when a later task of its lane is committed', async () => {
    const late = await prepare([1]);
    const next = await prepare([2], { revision: 3 });
    await sink().commit(next);
    expect(await sink().commit(late)).toMatchObject({ kind: 'in-doubt' });
    expect(await ids()).toEqual([2]);
  });

  it('holds when a task got between that was said to have come to nothing', async () => {
    const given = await prepare([1]);
    const next = await prepare([1], { revision: 3 });
    await sink().commit(given);
    expect(await sink().commit(next)).toMatchObject({ kind: 'in-doubt' });
    expect(await ids()).toEqual([1]);
  });

  it('holds for a store that was set back: nothing is read a second time', async () => {
    await sink().commit(await prepare([1], { revision: 5 }));
    await expect(prepare([1], { revision: 5 })).rejects.toThrow("was the job's state set back?");
    await expect(prepare([1], { revision: 3 })).rejects.toMatchObject({ code: 'SINK_REJECTED' });
    await prepare([2], { revision: 6 });
  });

  it('is found in the snapshots when its property was removed', async () => {
    const handle = await prepare([1]);
    await sink().commit(handle);
    await lake.append('flights', 7);
    await lake.change('flights', { action: 'remove-properties', removals: [property()] });
    expect(await sink().commit(handle)).toEqual(ALREADY);
    expect(await ids()).toEqual([1, 7]);
  });

  it('is nothing as long as all snapshots since it began are there, and it is in none', async () => {
    await sink().commit(await prepare([1]));
    const handle = await prepare([2], { revision: 3 });
    await lake.append('flights', 7);
    await lake.change('flights', { action: 'remove-properties', removals: [property()] });
    expect(await sink().commit(handle)).toEqual(COMMITTED);
    expect(await ids()).toEqual([1, 2, 7]);
  });

  it('is in doubt when its property was removed and the snapshots since are not all there', async () => {
    const handle = await prepare([1]);
    await sink().commit(handle);
    await lake.append('flights', 7);
    await lake.append('flights', 8);
    await lake.change('flights', { action: 'remove-properties', removals: [property()] });
    await lake.expire('flights');
    expect(await sink().commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining(property()),
    });
    expect(await ids()).toEqual([1, 7, 8]);
  });

  it('holds against a loader that comes late, also when its property was removed', async () => {
    const late = await prepare([1]);
    await sink().commit(await prepare([1], { revision: 3 }));
    await lake.change('flights', { action: 'remove-properties', removals: [property()] });
    expect(await sink().commit(late)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('another task of its lane'),
    });
    expect(await ids()).toEqual([1]);
  });

  it('outlives its snapshot', async () => {
    const handle = await prepare([1]);
    await sink().commit(handle);
    await lake.append('flights', 7);
    await lake.expire('flights');
    expect(await snapshots()).toHaveLength(1);
    expect(await sink().commit(handle)).toEqual(ALREADY);
  });

  it('is for that table only: one of the same name gets nothing', async () => {
    const handle = await prepare([1]);
    await lake.drop('flights');
    await expect(sink().commit(handle)).rejects.toMatchObject({
      code: 'SINK_REJECTED',
      message: expect.stringContaining('NoSuchTable'),
    });
    await lake.create('flights', [{ id: 1, name: 'id', type: 'long' }]);
    expect(await sink().commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('the table was replaced'),
    });
    expect(await ids()).toEqual([]);
  });
});
