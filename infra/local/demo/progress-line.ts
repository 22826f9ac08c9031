import { grouped } from '../../../cli/figures.ts';
import { megabytes } from './figures.ts';

/** What a progress line shows of a job. */
export interface JobProgress {
  readonly name: string;
  /** Rows that the topic will have. */
  readonly total: number;
  /** Rows that the topic has. */
  readonly produced: number;
  /** Rows that are committed. */
  readonly loaded: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Why it does not run, or why it got no task. */
  readonly trouble?: string | undefined;
}

const BAR = 24;

/** One line: bar (loaded, in the topic, to come), rows, speed, lag. Cut to `width` columns. */
export function progressLine(job: JobProgress, width = Number.POSITIVE_INFINITY): string {
  const lag = Math.max(0, job.produced - job.loaded);
  const speed =
    job.loaded >= job.total
      ? 'done'
      : `${grouped(job.rowsPerSecond)} rows/s  ${megabytes(job.bytesPerSecond)} MB/s`;
  const line = [
    job.name.padEnd(12),
    bar(job),
    `${grouped(job.loaded)} of ${grouped(job.total)}`.padStart(22),
    ` lag ${grouped(lag)}`.padEnd(14),
    speed,
    ...(job.trouble ? [` ${job.trouble}`] : []),
  ].join(' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

function bar({ total, produced, loaded }: JobProgress): string {
  const cells = (rows: number) => Math.floor((Math.min(rows, total) / Math.max(1, total)) * BAR);
  const done = cells(loaded);
  const waiting = Math.max(0, cells(produced) - done);
  return '█'.repeat(done) + '▒'.repeat(waiting) + '░'.repeat(BAR - done - waiting);
}
