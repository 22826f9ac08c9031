import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../functions/shared/clock.ts';
import { dorisUnderTest } from './doris/doris-under-test.ts';
import { chunk, LABEL, prepare, ROWS } from './stream-load/prepared-rows.ts';
import { describeWarehouse } from './stream-load/warehouse-promises.ts';

const { doris, sink, states, visible } = dorisUnderTest();

describeWarehouse({ warehouse: doris, sink, states, visible });

describe('a load into Doris', () => {
  it('asks a frontend without a body, and sends the rows to the backend alone', async () => {
    await prepare(sink());
    const [probe, load] = doris().seen;
    expect(probe?.server).toMatch(/^fe/);
    expect(probe?.headers).toMatchObject({ expect: '100-continue', 'content-length': '0' });
    expect(load?.server).toMatch(/^be/);
    expect(load?.headers['transfer-encoding']).toBe('chunked');
    expect(load?.headers['content-length']).toBeUndefined();
    expect(load?.headers.label).toBe(LABEL);
  });

  it('takes more rows than any buffer holds, in order', async () => {
    const on = sink();
    const writer = await on.open(LABEL);
    const row = (i: number) => JSON.stringify({ i, filler: 'x'.repeat(1_000) });
    for (let part = 0; part < 20; part += 1) {
      await writer.write(chunk(Array.from({ length: 500 }, (_, i) => row(part * 500 + i))));
    }
    await on.commit(await writer.prepare());
    expect(visible()).toHaveLength(10_000);
    expect(visible()[9_999]).toBe(row(9_999));
  });

  it('holds the reader of Kafka back where a backend takes its time', async () => {
    let taken = 0;
    doris().onBytes = async (count) => {
      await new Promise((resolve) => setImmediate(resolve));
      taken += count;
    };
    const writer = await sink({}, { more: { format: { type: 'raw' } } }).open(LABEL);
    const row = Buffer.alloc(1_048_576, '"x",'.repeat(4)).fill(10, 1_048_575);
    let ahead = 0;
    for (let written = 1; written <= 100; written += 1) {
      await writer.write(row);
      ahead = Math.max(ahead, written * row.length - taken);
    }
    await writer.discard();
    expect(ahead).toBeLessThan(16 * row.length);
  });

  it('may get no rows for longer than the destination is waited for', async () => {
    const requestTimeoutMs = 50;
    const writer = await sink({}, { requestTimeoutMs }).open(LABEL);
    const opened = systemClock.now();
    // Other loads take their time meanwhile.
    for (let i = 0; systemClock.now() - opened < 2 * requestTimeoutMs; i += 1) {
      await prepare(sink(), ROWS, `${LABEL}${i}`);
    }
    await writer.write(chunk(ROWS));
    await writer.prepare();
    expect(new Set(states())).toEqual(new Set(['PRECOMMITTED']));
  });

  it('is given up when the destination takes longer than it is waited for', async () => {
    doris().onBytes = () => new Promise(() => {});
    const writer = await sink({}, { requestTimeoutMs: 30 }).open(LABEL);
    await writer.write(chunk(ROWS));
    await expect(writer.prepare()).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringContaining('did not answer in time'),
    });
  });

  it('leaves nothing behind when it is discarded', async () => {
    const writer = await sink().open(LABEL);
    await writer.write(chunk(ROWS));
    await writer.discard();
    expect(states()).toEqual(['ABORTED']);
  });

  it('is aborted by its label, prepared or not there at all', async () => {
    const on = sink();
    await on.abort(LABEL);
    await prepare(on);
    await on.abort(LABEL);
    await on.abort(LABEL);
    expect(states()).toEqual(['ABORTED']);
    expect(visible()).toEqual([]);
  });
});

describe('rows that Doris rejects', () => {
  it('are counted beside those that where leaves out, with examples from its error log', async () => {
    doris().rules.bad = (row) =>
      row.includes('"n":2') ? 'column_name[n], the value is out of range' : undefined;
    doris().rules.unselected = (row) => row.includes('"n":3');
    const rows = [...ROWS, '{"n":2,"_partition":4,"_offset":17}', 'no json'];
    const { judged } = await prepare(sink(), rows);
    expect(judged).toMatchObject({ total: 5, rejected: 3, unselected: 1 });
    expect(judged?.examples).toEqual([
      {
        column: 'n',
        reason: 'column_name[n], the value is out of range',
        excerpt: '{"n":2}',
      },
      {
        partition: 4,
        offset: '17',
        column: 'n',
        reason: 'column_name[n], the value is out of range',
        excerpt: '{"n":2,"_partition":4,"_offset":17}',
      },
      expect.objectContaining({ excerpt: 'no json' }),
    ]);
  });

  it('may be all of a slice: an empty commit, which needs no transaction', async () => {
    doris().rules.unselected = () => true;
    const on = sink();
    const { handle, judged } = await prepare(on);
    expect(judged).toMatchObject({ total: 3, rejected: 0, unselected: 3 });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(states()).toEqual(['ABORTED']);
  });
});
