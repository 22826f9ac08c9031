import type { TaskShown } from './read-api.ts';

/** Rows that became visible over a span of time, in equal parts of it. */
export interface Throughput {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Rows of each part, oldest first. */
  readonly rows: readonly number[];
  /** Mean speed while any task was under way that finished in that time, in rows a second; 0 when none did. */
  readonly rowsPerSecond: number;
}

interface Load {
  readonly rows: number;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

const PARTS = 60;
const SPAN_MS = 300_000;

/** Of the last five minutes; of those up to the last finished task, when nothing was loaded since. A task's rows are spread over the time that it took. */
export function throughputOf(tasks: readonly TaskShown[], now: number): Throughput {
  const loads: readonly Load[] = tasks.flatMap(({ createdAt, finishedAt, statistics }) => {
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
  return { from, to, rows, rowsPerSecond: speedOf(loads.filter((load) => load.to > from)) };
}

function speedOf(loads: readonly Load[]): number {
  let rows = 0;
  let busyMs = 0;
  let seen = 0;
  for (const load of loads.toSorted((a, b) => a.from - b.from)) {
    rows += load.rows;
    busyMs += Math.max(load.to - Math.max(load.from, seen), 0);
    seen = Math.max(seen, load.to);
  }
  return rows === 0 ? 0 : rows / (Math.max(busyMs, 1) / 1_000);
}
