import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BadOffsets } from '#shared/domain/bad-offsets.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import { mergeRanges } from '#shared/domain/offset-ranges.ts';
import type { OffsetRange } from '#shared/domain/offsets.ts';
import { readBadRecords } from '../../../../functions/loader/dead-letters/read-bad-records.ts';
import type {
  OversizedRecords,
  RecordConsumer,
  RecordView,
  SliceReader,
} from '../../../../functions/loader/records.ts';

/** A topic's log in memory: what begins where, and which offsets are holes. */
interface Log {
  readonly start: bigint;
  readonly end: bigint;
  readonly holes?: ReadonlySet<bigint>;
  readonly oversized?: OffsetRange;
  /** Reading ends early behind so many offsets. */
  readonly turn?: bigint;
}

interface Reading {
  readonly reader: SliceReader;
  readonly turns: (readonly [number, OffsetRange])[][];
}

function readerOf(logs: Readonly<Record<number, Log>>): Reading {
  const turns: (readonly [number, OffsetRange])[][] = [];
  const reader: SliceReader = {
    async read({ slice }, consumer) {
      turns.push([...slice]);
      const to = new Map<number, bigint>();
      for (const [partition, range] of slice) {
        to.set(partition, readOne(logs[partition] as Log, { partition, range }, consumer));
        await consumer.drain();
      }
      return { to, epochs: new Map(), ends: new Map() };
    },
  };
  return { reader, turns };
}

function readOne(
  log: Log,
  { partition, range }: { readonly partition: number; readonly range: OffsetRange },
  consumer: RecordConsumer,
): bigint {
  const { from, to } = range;
  if (from < log.start || from > log.end) {
    const facts = { partition, offset: from, logStart: log.start, logEnd: log.end };
    throw new LoadFailure('OFFSET_OUT_OF_RANGE', 'not in the log', { facts });
  }
  const end = log.turn !== undefined && from + log.turn < to ? from + log.turn : to;
  for (let offset = from; offset < end; offset += 1n) {
    const { oversized } = log;
    if (oversized && offset >= oversized.from && offset < oversized.to) {
      const records = { partition, ...oversized, count: 2, bytes: 1e9, reason: 'large' };
      if (!consumer.passOver?.(records)) throw new LoadFailure('RECORD_TOO_LARGE', 'large');
      offset = oversized.to - 1n;
    } else if (!log.holes?.has(offset)) {
      consumer.accept({ partition, offset } as RecordView);
    }
  }
  return end;
}

class Taken implements RecordConsumer {
  readonly taken: string[] = [];
  readonly passed: OversizedRecords[] = [];
  mayPass = true;

  accept({ partition, offset }: RecordView): void {
    this.taken.push(`${partition}/${offset}`);
  }

  passOver(records: OversizedRecords): boolean {
    this.passed.push(records);
    return this.mayPass;
  }

  async drain(): Promise<boolean> {
    return true;
  }
}

const at = (partition: number, ...offsets: number[]) =>
  offsets.map((offset) => [partition, { from: BigInt(offset), to: BigInt(offset) + 1n }] as const);

const badAt = (known: ReturnType<typeof at>, more: Partial<BadOffsets> = {}): BadOffsets => ({
  topicId: 'T',
  known: mergeRanges(known),
  notListed: 0,
  notKept: 0,
  ...more,
});

const read = (reader: SliceReader, letters: readonly BadOffsets[], into: RecordConsumer) =>
  readBadRecords(
    {
      reader,
      letters,
      cluster: { brokers: ['b:1'], auth: { mechanism: 'none' } } as never,
      topic: 'flights',
      topicId: 'T',
      isolation: 'read_committed',
      deadline: 1,
      signal: new AbortController().signal,
      onProgress: () => {},
    },
    into,
  );

const LOG = { start: 0n, end: 1_000_000n };

describe('bad records', () => {
  it('are read again at their offsets, each once, and nothing else', async () => {
    const offsets = fc.uniqueArray(fc.nat(300), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(offsets, offsets, fc.bigInt(1n, 400n), async (first, second, turn) => {
        const { reader } = readerOf({ 0: { ...LOG, turn }, 3: LOG });
        const consumer = new Taken();
        const letters = [badAt(at(0, ...first)), badAt([...at(0, ...second), ...at(3, ...second)])];
        const { gone } = await read(reader, letters, consumer);
        const wanted = new Set([
          ...[...first, ...second].map((offset) => `0/${offset}`),
          ...second.map((offset) => `3/${offset}`),
        ]);
        expect([...consumer.taken].sort()).toEqual([...wanted].sort());
        expect(gone).toBe(0);
      }),
    );
  });

  it('are read in turns where far more lies between them than they are', async () => {
    const { reader, turns } = readerOf({ 0: LOG, 1: LOG });
    const consumer = new Taken();
    await read(reader, [badAt([...at(0, 5, 5_000, 900_000), ...at(1, 7)])], consumer);
    expect(turns).toEqual([
      [
        [0, { from: 5n, to: 5_001n }],
        [1, { from: 7n, to: 8n }],
      ],
      [[0, { from: 900_000n, to: 900_001n }]],
    ]);
    expect(consumer.taken).toEqual(['0/5', '0/5000', '1/7', '0/900000']);
  });

  it('that the log has lost by retention or compaction count as gone', async () => {
    const holes = new Set([30n]);
    const { reader } = readerOf({ 0: { ...LOG, start: 20n, holes }, 1: { ...LOG, start: 9n } });
    const consumer = new Taken();
    const letters = [badAt([...at(0, 3, 19, 20, 30, 31), ...at(1, 8)])];
    expect(await read(reader, letters, consumer)).toMatchObject({ gone: 4 });
    expect(consumer.taken).toEqual(['0/20', '0/31']);
  });

  it('of a topic that was created anew are never read', async () => {
    const { reader, turns } = readerOf({ 0: LOG });
    const consumer = new Taken();
    const letters = [badAt(at(0, 1, 2)), badAt(at(0, 2, 3), { topicId: 'older' })];
    expect(await read(reader, letters, consumer)).toMatchObject({ gone: 2 });
    expect(consumer.taken).toEqual(['0/1', '0/2']);
    expect(turns).toHaveLength(1);
  });

  it('are not looked for behind the end of a log that was cut off', async () => {
    const { reader } = readerOf({ 0: { start: 0n, end: 10n } });
    await expect(read(reader, [badAt(at(0, 50))], new Taken())).rejects.toMatchObject({
      code: 'DEAD_LETTERS_UNAVAILABLE',
    });
  });

  it('that are too large are left out alone, and not the rest of their batch', async () => {
    const { reader } = readerOf({ 0: { ...LOG, oversized: { from: 10n, to: 20n } } });
    const consumer = new Taken();
    const letters = [badAt(at(0, 8, 12, 13, 17, 25))];
    expect(await read(reader, letters, consumer)).toMatchObject({ gone: 0 });
    expect(consumer.passed.map(({ from, to, count }) => [from, to, count])).toEqual([
      [12n, 14n, 2],
      [17n, 18n, 1],
    ]);
    expect(consumer.taken).toEqual(['0/8', '0/25']);
    const strict = Object.assign(new Taken(), { mayPass: false });
    await expect(read(reader, letters, strict)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    await expect(read(reader, [badAt(at(0, 8, 25))], strict)).resolves.toMatchObject({ gone: 0 });
  });

  it('fail at the deadline, since no part of them could end there', async () => {
    const reader: SliceReader = {
      read: async ({ slice }) => ({
        to: new Map([...slice].map(([partition, { from }]) => [partition, from])),
        epochs: new Map(),
        ends: new Map(),
      }),
    };
    await expect(read(reader, [badAt(at(0, 1))], new Taken())).rejects.toMatchObject({
      code: 'OUT_OF_TIME',
    });
  });
});
