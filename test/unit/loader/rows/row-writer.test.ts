import { describe, expect, it } from 'vitest';
import { excerpt } from '../../../../functions/loader/rows/bad-rows.ts';
import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { recordOf } from './record-of.ts';
import { rowsOf, specOf } from './rows-of.ts';

const value = (i: number) => JSON.stringify({ i, text: 'x'.repeat(80) });

function writerInto(chunks: Uint8Array[], limits = { maxRows: 1e9, maxBytes: 1e9 }) {
  return makeRowWriter({
    spec: specOf({}),
    topic: 'flights',
    writer: { write: async (chunk) => void chunks.push(Buffer.from(chunk)) },
    limits,
    chunkBytes: 1_024,
  });
}

describe('chunks', () => {
  it('hold whole rows, all of them in order', async () => {
    const chunks: Uint8Array[] = [];
    const rows = writerInto(chunks);
    for (let i = 0; i < 1_000; i += 1) {
      rows.accept(recordOf(value(i)));
      await rows.drain();
    }
    const statistics = await rows.finish();

    expect(chunks.length).toBeGreaterThan(50);
    for (const chunk of chunks) expect(chunk.at(-1)).toBe(0x0a);
    for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBeGreaterThanOrEqual(1_024);
    const text = Buffer.concat(chunks).toString();
    expect(text).toBe(Array.from({ length: 1_000 }, (_, i) => `${value(i)}\n`).join(''));
    expect(statistics.writtenBytes).toBe(text.length);
  });

  it("are the sink's until it is done with them, and the same memory is used for later ones", async () => {
    const memory = new Set<ArrayBufferLike>();
    const texts: string[] = [];
    const rows = makeRowWriter({
      spec: specOf({}),
      topic: 'flights',
      writer: {
        write: async (chunk) => {
          const text = Buffer.from(chunk).toString();
          await new Promise(setImmediate);
          expect(Buffer.from(chunk).toString()).toBe(text);
          memory.add(chunk.buffer);
          texts.push(text);
        },
      },
      limits: { maxRows: 1e9, maxBytes: 1e9 },
      chunkBytes: 1_024,
    });
    for (let i = 0; i < 500; i += 1) {
      rows.accept(recordOf(value(i)));
      await rows.drain();
    }
    await rows.finish();
    expect(texts.join('')).toBe(Array.from({ length: 500 }, (_, i) => `${value(i)}\n`).join(''));
    expect([texts.length > 20, memory.size]).toEqual([true, 2]);
  });

  it('grow with a batch larger than a chunk', async () => {
    const chunks: Uint8Array[] = [];
    const rows = writerInto(chunks);
    for (let i = 0; i < 500; i += 1) rows.accept(recordOf(value(i)));
    await rows.finish();
    expect(chunks).toHaveLength(1);
    expect(Buffer.concat(chunks).toString().split('\n')).toHaveLength(501);
  });

  it('wait for the sink: no more than one is under way', async () => {
    const release: (() => void)[] = [];
    const rows = makeRowWriter({
      spec: specOf({}),
      topic: 'flights',
      writer: { write: () => new Promise((resolve) => release.push(resolve)) },
      limits: { maxRows: 1e9, maxBytes: 1e9 },
      chunkBytes: 100,
    });
    rows.accept(recordOf(value(1)));
    rows.accept(recordOf(value(2)));
    expect(await rows.drain()).toBe(true);
    rows.accept(recordOf(value(3)));
    rows.accept(recordOf(value(4)));
    let drained = false;
    const second = rows.drain().then(() => {
      drained = true;
    });
    await new Promise(setImmediate);
    expect([release.length, drained]).toEqual([1, false]);
    release[0]?.();
    await second;
    expect(release).toHaveLength(2);
    release[1]?.();
    await rows.finish();
  });

  it('that the sink refuses fail the slice at the next step', async () => {
    const rows = makeRowWriter({
      spec: specOf({}),
      topic: 'flights',
      writer: { write: () => Promise.reject(new Error('disk full')) },
      limits: { maxRows: 1e9, maxBytes: 1e9 },
      chunkBytes: 10,
    });
    rows.accept(recordOf(value(1)));
    await rows.drain();
    rows.accept(recordOf(value(2)));
    await expect(rows.drain()).rejects.toThrow('disk full');
    await expect(rows.finish()).rejects.toThrow('disk full');
  });
});

describe('the limits', () => {
  it('end the slice once so many records came', async () => {
    const rows = writerInto([], { maxRows: 3, maxBytes: 1e9 });
    rows.accept(recordOf('{}'));
    rows.accept(recordOf('not json'));
    expect(await rows.drain()).toBe(true);
    rows.accept(recordOf({ value: null }));
    expect(await rows.drain()).toBe(false);
  });

  it('end the slice once so many bytes of values came', async () => {
    const rows = writerInto([], { maxRows: 1e9, maxBytes: 10 });
    rows.accept(recordOf('{"a":1234}'.slice(0, 9)));
    expect(await rows.drain()).toBe(true);
    rows.accept(recordOf('{}'));
    expect(await rows.drain()).toBe(false);
  });
});

describe('the statistics', () => {
  it('count rows, bad rows and skipped values per partition, and all bytes of values', async () => {
    const { statistics } = await rowsOf({ policies: { tombstone: 'skip', emptyValue: 'reject' } }, [
      { value: '{"a":1}', partition: 1 },
      { value: 'bad', partition: 2, offset: 5n },
      { value: null, partition: 1 },
      { value: '', partition: 1, offset: 9n },
      { value: ' {} ', partition: 1 },
    ]);
    expect(statistics).toMatchObject({
      counts: new Map([
        [1, { rows: 2, rejected: 1, skipped: 1, filtered: 0 }],
        [2, { rows: 0, rejected: 1, skipped: 0, filtered: 0 }],
      ]),
      bytes: 7 + 3 + 4,
      writtenBytes: 8 + 3,
      badRows: [
        {
          partition: 2,
          offset: '5',
          reason: 'not valid JSON: unexpected b at byte 0',
          excerpt: 'bad',
        },
        {
          partition: 1,
          offset: '9',
          reason: 'value has no bytes, and policies.emptyValue is reject',
          excerpt: '',
        },
      ],
    });
  });

  it('F27: follow the policies for tombstones and empty values', async () => {
    const records = [{ value: null }, { value: '' }];
    const counts = async (tombstone: 'skip' | 'reject', emptyValue: 'skip' | 'reject') =>
      (await rowsOf({ policies: { tombstone, emptyValue } }, records)).statistics.counts.get(0);
    expect(await counts('skip', 'skip')).toEqual({ rows: 0, rejected: 0, skipped: 2, filtered: 0 });
    expect(await counts('reject', 'skip')).toEqual({
      rows: 0,
      rejected: 1,
      skipped: 1,
      filtered: 0,
    });
    expect(await counts('reject', 'reject')).toEqual({
      rows: 0,
      rejected: 2,
      skipped: 0,
      filtered: 0,
    });
  });

  it('keep the first ten bad rows only, and count all', async () => {
    const { statistics } = await rowsOf(
      {},
      Array.from({ length: 25 }, (_, i) => `bad ${i}`),
    );
    expect(statistics.badRows.map((row) => row.excerpt)).toEqual(
      Array.from({ length: 10 }, (_, i) => `bad ${i}`),
    );
    expect(statistics.counts.get(0)?.rejected).toBe(25);
  });

  it('are small whatever is said of bad rows', async () => {
    const name = `k${'😀'.repeat(200_000)}`;
    const { statistics } = await rowsOf(
      { columns: 'a', policies: { unknownColumns: 'reject' }, file: { format: 'csv' } },
      [JSON.stringify({ [name]: 1 })],
    );
    expect(statistics.badRows[0]?.column).toBe(`k${'😀'.repeat(499)}\ufffd...`);
  });

  it('count a csv header as written bytes, and as no row', async () => {
    const given = { columns: 'a', file: { format: 'csv' } } as const;
    const some = await rowsOf(given, ['{"a":1}']);
    const none = await rowsOf(given, ['bad', { value: null }]);
    expect([some.text, some.statistics.writtenBytes]).toEqual(['a\n1\n', 4]);
    expect([none.text, none.statistics.writtenBytes]).toEqual(['', 0]);
  });
});

describe('a bad row’s excerpt', () => {
  it('has no line breaks, control or direction characters, and no broken UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('a\n\u0000\u202eé\u2028'), Buffer.from([0xff])]);
    expect(excerpt(bytes, 0, bytes.length)).toBe('a\ufffd\ufffd\ufffdé\ufffd\ufffd');
  });

  it('has at most 200 bytes, whatever the value', () => {
    for (const filler of ['x', 'é', '😀', '\n']) {
      const bytes = Buffer.from(filler.repeat(1_000));
      expect(Buffer.byteLength(excerpt(bytes, 0, bytes.length))).toBeLessThanOrEqual(200);
    }
    expect(excerpt(Buffer.from('x'.repeat(1_000)), 0, 1_000)).toHaveLength(200);
  });
});
