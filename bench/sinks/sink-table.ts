import type { BenchTopic } from '../topics.ts';
import type { Measured } from './measurement.ts';
import type { SinkCase } from './sink-cases.ts';

/** The table that is printed, line by line as its figures come. */

const WIDTHS = [22, 10, 6, 7, 9, 9] as const;

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[i] ?? 0)))
    .join('  ');
}

const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;

/** Speed is that with the small slices; memory, in MiB, is given for both sizes. */
export function headLine([small, large]: readonly [number, number]): string {
  return [
    line(['one loader', 'rows/s', 'MB/s', 'tasks', 'memory at', 'slices of', 'speed beside']),
    line(['', '', '', '', mebibytes(small), mebibytes(large)]),
  ].join('\n');
}

/** One destination. */
export function tableLine(
  { name, yardstickName }: SinkCase,
  found: {
    readonly topic: BenchTopic;
    readonly small: Measured;
    readonly large: Measured;
    /** Seconds. */
    readonly yardstick: number;
  },
): string {
  const { topic, small, large, yardstick } = found;
  const megabytes = (topic.records * topic.recordBytes) / 1e6;
  return line([
    name,
    Math.round(topic.records / small.seconds).toLocaleString('en'),
    (megabytes / small.seconds).toFixed(0),
    `${small.tasks}, ${large.tasks}`,
    small.memoryMb.toFixed(0),
    large.memoryMb.toFixed(0),
    `${(yardstick / small.seconds).toFixed(2)} of ${yardstickName} (${(megabytes / yardstick).toFixed(0)} MB/s)`,
  ]);
}
