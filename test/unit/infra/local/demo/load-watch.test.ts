import { describe, expect, it } from 'vitest';
import { DATA_SETS } from '../../../../../infra/local/demo/data-sets.ts';
import type { JobView } from '../../../../../infra/local/demo/job-client.ts';
import { type Load, LoadStuck, watchLoads } from '../../../../../infra/local/demo/load-watch.ts';
import { Screen } from '../../../../../infra/local/demo/screen.ts';
import { ManualClock } from '../manual-clock.ts';

/** A job as its API shows it, with `next` of partitions 0, 1, ... */
function view(next: readonly number[], more: Partial<JobView> = {}): JobView {
  const partitions = Object.fromEntries(next.map((offset, i) => [i, { next: String(offset) }]));
  const rows = next.reduce((sum, offset) => sum + offset, 0);
  return {
    id: '1',
    name: 'airports',
    state: 'RUNNING',
    reason: { code: 'SCHEDULED', message: 'scheduled' },
    lag: { partitions },
    statistics: { rows, bytes: rows * 10, filtered: 0, rejected: 0 },
    ...more,
  };
}

function setup(first: JobView | null = view([0, 0])) {
  const [dataSet] = DATA_SETS;
  const load: Load = { dataSet: dataSet!, total: 100, produced: 0 };
  const clock = new ManualClock();
  const written: string[] = [];
  const stop = new AbortController();
  const shown = { view: first ?? undefined };
  const outcome = watchLoads([load], {
    client: { create: async () => true, show: async () => shown.view },
    clock,
    screen: new Screen({ write: (text) => written.push(text) }, clock),
    signal: stop.signal,
  });
  let ended = false;
  outcome.then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  return { load, clock, written, stop, shown, outcome, hasEnded: () => ended };
}

const filled = (high: number) => new Map([0, 1].map((p) => [p, { low: 0, high }]));

describe('watching the loads', () => {
  it('ends when every partition is committed up to its end, and not while more may come', async () => {
    const { load, clock, shown, outcome, hasEnded, written } = setup();
    shown.view = view([25, 25]);
    await clock.advance(500);
    expect(hasEnded()).toBe(false);
    load.produced = 100;
    load.ranges = filled(50);
    shown.view = view([50, 49]);
    await clock.advance(500);
    expect(hasEnded()).toBe(false);
    shown.view = view([50, 50]);
    await clock.advance(500);
    expect(await outcome).toEqual([
      { name: 'flights', rows: 100, bytes: 1_000, tookMs: 1_500, whileProducing: true },
    ]);
    expect(written.at(-1)).toContain('100 of 100');
  });

  it('does not believe a job that says it has no lag before it has seen the end', async () => {
    const { load, clock, hasEnded, stop, outcome } = setup();
    load.ranges = filled(50);
    await clock.advance(500);
    expect(hasEnded()).toBe(false);
    stop.abort(new Error('enough'));
    await expect(outcome).rejects.toThrow('enough');
  });

  it('waits for a job that is made later, and takes the time from then on', async () => {
    const { load, clock, shown, outcome } = setup(null);
    await clock.advance(500);
    load.produced = 100;
    load.ranges = filled(50);
    shown.view = view([0, 0]);
    await clock.advance(500);
    shown.view = view([50, 50]);
    await clock.advance(500);
    expect(await outcome).toEqual([
      { name: 'flights', rows: 100, bytes: 1_000, tookMs: 500, whileProducing: false },
    ]);
  });

  it('waits for a job that is paused, and shows why', async () => {
    const { clock, shown, hasEnded, written, stop, outcome } = setup();
    shown.view = view([0, 0], {
      state: 'PAUSED',
      reason: { code: 'BROKER_UNREACHABLE', message: 'no answer' },
    });
    await clock.advance(5_000);
    await clock.advance(500);
    expect(hasEnded()).toBe(false);
    expect(written.at(-1)).toContain('PAUSED: no answer');
    stop.abort(new Error('enough'));
    await expect(outcome).rejects.toThrow('enough');
  });

  it('gives up when a job has ended for good', async () => {
    const { clock, shown, outcome } = setup();
    shown.view = view([0, 0], {
      state: 'CANCELLED',
      reason: { code: 'TOPIC_NOT_FOUND', message: 'no such topic' },
    });
    const failed = expect(outcome).rejects.toThrow(
      'flights is CANCELLED (TOPIC_NOT_FOUND: no such topic)',
    );
    await clock.advance(500);
    await failed;
  });

  it('gives up when nothing moves for three minutes, but not when something does', async () => {
    const { clock, shown, outcome, hasEnded } = setup();
    for (let minute = 1; minute <= 5; minute += 1) {
      shown.view = view([minute, 0]);
      await clock.advance(60_000);
    }
    expect(hasEnded()).toBe(false);
    const failed = expect(outcome).rejects.toThrow(LoadStuck);
    for (let minute = 1; minute <= 4; minute += 1) await clock.advance(60_000);
    await failed;
  });
});
