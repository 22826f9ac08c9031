import type { TaskShown } from './read-api.ts';

/** Rows that became visible over a span of time, in equal parts of it. */
export interface Throughput {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Rows of each part, oldest first. */
  readonly rows: readonly number[];
}

const PARTS = 60;
const SPAN_MS = 300_000;

/** Of the last five minutes; of those up to the last finished task, when nothing was loaded since. A task's rows are spread over the time that it took. */
export function throughputOf(tasks: readonly TaskShown[], now: number): Throughput {
  const loads = tasks.flatMap(({ createdAt, finishedAt, statistics }) => {
    const rows = statistics?.rows ?? 0;
    if (finishedAt === undefined || rows === 0) return [];
    return [{ rows, from: Date.parse(createdAt), to: Date.parse(finishedAt) }];
  });
  const last = loads.reduce((latest, load) => Math.max(latest, load.to), 0);
  const to = last === 0 || last > now - SPAN_MS ? now : last;
  const from = to - SPAN_MS;
  const rows = new Array<number>(PARTS).fill(0);
  const partMs = SPAN_MS / PARTS;
  for (const load of loads) {
    const lengthMs = Math.max(load.to - load.from, 1);
    for (const i of rows.keys()) {
      const begins = from + i * partMs;
      const sharedMs =
        Math.min(load.from + lengthMs, begins + partMs) - Math.max(load.from, begins);
      if (sharedMs > 0) rows[i] = (rows[i] ?? 0) + (load.rows * sharedMs) / lengthMs;
    }
  }
  return { from, to, rows };
}

/** The mean of the parts in which something was loaded, in rows a second; 0 when there are none. */
export function rowsPerSecond({ from, to, rows }: Throughput): number {
  const busy = rows.filter((count) => count > 0);
  if (busy.length === 0) return 0;
  const seconds = ((to - from) / 1_000 / rows.length) * busy.length;
  return busy.reduce((sum, count) => sum + count, 0) / seconds;
}
