import type { Clock } from '#shared/clock.ts';
import type { DataSet } from './data-sets.ts';
import type { JobClient, JobView } from './job-client.ts';
import { type JobProgress, progressLine } from './progress-line.ts';
import { Rate, type Sample } from './rate.ts';
import type { Screen } from './screen.ts';
import type { LogRanges } from './topics.ts';

/** A data set on its way: `produced` and `ranges` are filled in while its topic is. Its job may come later. */
export interface Load {
  readonly dataSet: DataSet;
  /** Rows that its topic will have. */
  readonly total: number;
  produced: number;
  /** The topic's logs, once everything is in them. */
  ranges?: LogRanges | undefined;
}

/** What a job loaded in this run. */
export interface LoadOutcome {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** From the first look at the job to its last commit, to half a second. */
  readonly tookMs: number;
  /** Whether its topic was still being filled meanwhile, so that the speed is not the loader's. */
  readonly whileProducing: boolean;
}

/** A job did not finish: it ended, or nothing moved for too long. */
export class LoadStuck extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LoadStuck';
  }
}

const LOOK_EVERY_MS = 500;
const STUCK_AFTER_MS = 180_000;

interface Watched {
  readonly load: Load;
  readonly rate: Rate;
  view?: JobView | undefined;
  /** The first look. */
  first?: (Sample & { readonly whileProducing: boolean }) | undefined;
  /** When it was seen to be loaded; epoch ms. */
  loadedAt?: number | undefined;
}

/**
 * Shows every job's progress until each has committed everything that its topic holds.
 *
 * @throws {LoadStuck} when a job ended for good, or no job moved for three minutes
 * @throws the signal's reason when it is aborted
 */
export async function watchLoads(
  loads: readonly Load[],
  {
    client,
    clock,
    screen,
    signal,
  }: {
    readonly client: JobClient;
    readonly clock: Clock;
    readonly screen: Screen;
    readonly signal: AbortSignal;
  },
): Promise<LoadOutcome[]> {
  const watched: Watched[] = loads.map((load) => ({ load, rate: new Rate() }));
  let movedAt = clock.now();
  let before = -1;
  for (;;) {
    signal.throwIfAborted();
    for (const each of watched) {
      if (!isLoaded(each)) await look(each, client, clock.now());
    }
    const lines = watched.map((each) => progressLine(progressOf(each), screen.width));
    const moved = watched.reduce(
      (sum, { load, view }) => sum + load.produced + loadedRows(view),
      0,
    );
    if (moved !== before) movedAt = clock.now();
    before = moved;
    if (watched.every(isLoaded)) {
      screen.settle(lines);
      return watched.map(outcomeOf);
    }
    screen.show(lines);
    if (clock.now() - movedAt > STUCK_AFTER_MS)
      throw stuck(watched.filter((each) => !isLoaded(each)));
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function look(each: Watched, client: JobClient, now: number): Promise<void> {
  const view = await client.show(each.load.dataSet.name);
  if (!view) return;
  each.view = view;
  const sample = { at: now, ...view.statistics };
  each.first ??= { ...sample, whileProducing: each.load.ranges === undefined };
  each.rate.add(sample);
  if (isLoaded(each)) each.loadedAt = now;
  if (['STOPPED', 'CANCELLED', 'COMPLETED'].includes(view.state)) throw stuck([each]);
}

function isLoaded({ load, view }: Watched): boolean {
  if (!load.ranges || !view) return false;
  return [...load.ranges].every(([partition, { high }]) => nextOf(view, partition) >= high);
}

function nextOf(view: JobView, partition: number): number {
  return Number(view.lag.partitions[String(partition)]?.next ?? 0);
}

/** Demo topics begin at offset 0 and have no holes, so the next offsets add up to rows. */
function loadedRows(view: JobView | undefined): number {
  if (!view) return 0;
  return Object.values(view.lag.partitions).reduce((sum, { next }) => sum + Number(next), 0);
}

function progressOf({ load, rate, view }: Watched): JobProgress {
  const speed = rate.perSecond();
  const running = view?.state === 'RUNNING' || view?.state === 'NEED_SCHEDULE';
  return {
    name: load.dataSet.name,
    total: Math.max(load.total, load.produced),
    produced: load.produced,
    loaded: loadedRows(view),
    rowsPerSecond: speed.rows,
    bytesPerSecond: speed.bytes,
    trouble: view && !running ? `${view.state}: ${view.reason.message}` : view?.note?.message,
  };
}

function outcomeOf({ load, view, first, loadedAt }: Watched): LoadOutcome {
  return {
    name: load.dataSet.name,
    rows: (view?.statistics.rows ?? 0) - (first?.rows ?? 0),
    bytes: (view?.statistics.bytes ?? 0) - (first?.bytes ?? 0),
    tookMs: (loadedAt ?? 0) - (first?.at ?? 0),
    whileProducing: first?.whileProducing ?? false,
  };
}

function stuck(watched: readonly Watched[]): LoadStuck {
  const words = watched.map(({ load, view }) => {
    const why = view?.note ?? view?.reason;
    return `${load.dataSet.name} is ${view?.state ?? 'unknown'} (${why?.code}: ${why?.message})`;
  });
  return new LoadStuck(`not everything was loaded: ${words.join('; ')}`);
}
