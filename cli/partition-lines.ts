import type { JobAnswer } from './answers.ts';
import { grouped } from './figures.ts';
import { table } from './table.ts';

/** Beyond these only the partitions that lag most are shown. */
const MOST_PARTITIONS = 64;
const BAR = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

type Partitions = JobAnswer['lag']['partitions'];
type Progress = Partitions[string];

/** Next offset, end and lag of each partition, with a bar beside the greatest lag. */
export function partitionLines(partitions: Partitions, width: number): string[] {
  const all = Object.entries(partitions);
  if (all.length === 0) return [];
  const shown = all.length > MOST_PARTITIONS ? mostLagging(all) : all;
  const greatest = shown.map(([, progress]) => lagOf(progress)).reduce(larger, 1n);
  const lines = table(
    [
      { title: 'partition', right: true },
      { title: 'next offset', right: true },
      { title: 'log end', right: true },
      { title: 'lag', right: true },
      { title: '' },
    ],
    shown.map(([partition, { next, end, lag }]) => [
      partition,
      grouped(next),
      end === undefined ? '?' : grouped(end),
      lag === undefined ? '?' : grouped(lag),
      bar(BigInt(lag ?? 0), greatest),
    ]),
    width,
  );
  const left = all.length - shown.length;
  return left === 0 ? lines : [...lines, `and ${grouped(left)} partitions more, which lag no more`];
}

function mostLagging(all: [string, Progress][]): [string, Progress][] {
  const byLag = all.toSorted(([, a], [, b]) => (lagOf(a) < lagOf(b) ? 1 : -1));
  const most = new Set(byLag.slice(0, MOST_PARTITIONS).map(([partition]) => partition));
  return all.filter(([partition]) => most.has(partition));
}

function lagOf({ lag = '0' }: Progress): bigint {
  return BigInt(lag);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** A bar of `value` beside `greatest`; what is more than nothing shows. */
export function bar(value: bigint, greatest: bigint): string {
  const eighths = Number((value * BigInt(BAR * 8) + greatest - 1n) / greatest);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
