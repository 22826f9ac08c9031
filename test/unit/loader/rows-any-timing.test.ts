import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { totalCounts } from '#shared/domain/task.ts';
import { openRows } from '../../../functions/loader/open-rows.ts';
import type { SinkWriter } from '../../../functions/loader/sinks/sink.ts';
import { sliceRequest } from '../../support/read-slice.ts';
import { exampleJob } from '../../support/store-examples.ts';
import { madeReader } from './kafka/made-reader.ts';
import type { RunningClock } from './kafka/running-clock.ts';

/**
 * The product's reader and row path together, between a cluster and a destination of which each takes its time as it
 * likes. Files and the engine take real time, in which the virtual one leaps to the next thing that is due.
 */

/** Values by the number of their offset: every seventh is bad, every eleventh a tombstone, `where` leaves out every fifth. */
function valueAt(offset: bigint): string | null {
  if (offset % 11n === 0n) return null;
  if (offset % 7n === 0n) return `{"o":${offset},`;
  return `{"o":${offset},"at":"2026-0${(offset % 3n) + 1n}-01","long":"${'x'.repeat(Number(offset % 50n))}"}`;
}

const isTombstone = (offset: number) => offset % 11 === 0;
const isBad = (offset: number) => !isTombstone(offset) && offset % 7 === 0;
const isRow = (offset: number) => !isTombstone(offset) && !isBad(offset);

type Given = Pick<JobSpecInput, 'columns' | 'where' | 'types'> & {
  readonly file?: Partial<NonNullable<JobSpecInput['destination']['file']>>;
  readonly filters?: (offset: number) => boolean;
};

const PATHS: Readonly<Record<string, Given>> = {
  'as it is': {},
  csv: { file: { format: 'csv' }, columns: 'o' },
  mapped: { columns: 'o, twice = o * 2', types: { o: 'BIGINT' } },
  filtered: { where: 'o % 5 != 0', types: { o: 'BIGINT' }, filters: (offset) => offset % 5 === 0 },
  'by date': {
    types: { o: 'BIGINT', at: 'DATE' },
    file: { partitionBy: { column: 'at', unit: 'month' } },
  },
};

interface Timing {
  readonly latencyMs: number;
  /** How long the destination takes for each write, in turn. */
  readonly writesMs: readonly number[];
  readonly within: number;
  readonly maxRows: number;
  readonly chunkBytes: number;
  readonly keepsBadRows: boolean;
}

/** A destination that looks at its chunks as late as it may. */
function slowWriter(clock: RunningClock, { writesMs }: Timing) {
  const taken: string[] = [];
  const letters: string[] = [];
  let writes = 0;
  let isOver = false;
  const take = async (into: string[], chunk: Uint8Array) => {
    if (isOver) throw new Error('written to after the end');
    const ms = writesMs[writes % writesMs.length] ?? 0;
    writes += 1;
    if (ms > 0) await clock.sleep(ms);
    into.push(Buffer.from(chunk).toString());
  };
  const writer: SinkWriter = {
    write: (chunk) => take(taken, chunk),
    keep: (chunk) => take(letters, chunk),
    prepare: async () => {
      isOver = true;
      return {};
    },
    discard: async () => {
      isOver = true;
    },
  };
  return { writer, text: () => taken.join(''), letters: () => letters.join('') };
}

const SOURCE = sliceRequest(['127.0.0.1:1'], { topic: 'flights', slice: {} });

const SLICE = new Map([
  [0, { from: 3n, to: 180n }],
  [1, { from: 0n, to: 120n }],
]);

async function loadOnce(given: Given, timing: Timing) {
  const { clock, cluster, reader } = madeReader({ answerBytes: 2_000, partitionBytes: 1_000 });
  cluster.latencyMs = timing.latencyMs;
  for (const partition of [0, 1]) {
    cluster.fill(partition, { batches: 20, perBatch: 10, leader: partition, valueAt });
  }
  const { file, filters, ...mapping } = given;
  const { job } = exampleJob('rows', {
    ...mapping,
    destination: { file: { table: 'rows', metadata: ['_partition', '_offset'], ...file } },
  });
  const { writer, text, letters } = slowWriter(clock, timing);
  const opened = await openRows({
    spec: job.spec,
    writer,
    keep: timing.keepsBadRows ? writer.keep : undefined,
    limits: { maxRows: timing.maxRows, maxBytes: 1_000_000 },
    settings: { clock, memoryMb: 128, threads: 1 },
    signal: new AbortController().signal,
    onProgress: () => {},
    chunkBytes: timing.chunkBytes,
  });
  try {
    const within = { slice: SLICE, deadline: clock.now() + timing.within };
    const { to } = await reader.read({ ...SOURCE, ...within }, opened.rows);
    const { counts } = await opened.rows.finish();
    await writer.prepare();
    return { to, counts: totalCounts(counts), text: text(), letters: letters() };
  } finally {
    await opened.close();
  }
}

/** What the rows must be: all of the slice up to where it was read, each once, in order. */
function wanted(to: OffsetMap, keep: (offset: number) => boolean): Record<number, number[]> {
  return Object.fromEntries(
    [...SLICE].map(([partition, { from }]) => {
      const length = Number((to.get(partition) ?? from) - from);
      const offsets = Array.from({ length }, (_, i) => Number(from) + i);
      return [partition, offsets.filter(keep)];
    }),
  );
}

function offsetsIn(text: string, isCsv: boolean): Record<number, number[]> {
  const seen: Record<number, number[]> = { 0: [], 1: [] };
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const row = isCsv ? csvRow(line) : (JSON.parse(line) as Row);
    seen[row._partition]?.push(row._offset);
  }
  return seen;
}

interface Row {
  readonly _partition: number;
  readonly _offset: number;
}

function csvRow(line: string): Row {
  const [, partition, offset] = line.split(',');
  return { _partition: Number(partition), _offset: Number(offset) };
}

const anyTiming: fc.Arbitrary<Timing> = fc.record({
  latencyMs: fc.constantFrom(1, 50, 700),
  writesMs: fc.array(fc.constantFrom(0, 0, 20, 900, 5_000), { minLength: 1, maxLength: 5 }),
  within: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(12_000)),
  maxRows: fc.constantFrom(1_000_000, 1_000_000, 60),
  chunkBytes: fc.constantFrom(1, 800, 4_000),
  keepsBadRows: fc.boolean(),
});

it.each(Object.entries(PATHS))(
  'rows %s are each record of the slice once, up to where it says that it has read, whatever takes how long',
  async (_, given) => {
    const { file, filters = () => false } = given;
    await fc.assert(
      fc.asyncProperty(anyTiming, async (timing) => {
        const { to, counts, text, letters } = await loadOnce(given, timing);
        const seen = offsetsIn(text, file?.format === 'csv');
        if (file?.partitionBy)
          for (const offsets of Object.values(seen)) offsets.sort((a, b) => a - b);
        expect(seen).toEqual(wanted(to, (offset) => isRow(offset) && !filters(offset)));
        const count = (keep: (offset: number) => boolean) =>
          Object.values(wanted(to, keep)).flat().length;
        expect(counts).toMatchObject({
          rows: count((offset) => isRow(offset) && !filters(offset)),
          rejected: count(isBad),
          skipped: count(isTombstone),
          filtered: count((offset) => isRow(offset) && filters(offset)),
        });
        if (timing.keepsBadRows) expect(letters.split('\n').length - 1).toBe(count(isBad));
      }),
      { numRuns: given.types ? 15 : 150 },
    );
  },
  60_000,
);
