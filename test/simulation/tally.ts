import { type FaultCounts, noFaults } from './engine/faults.ts';
import type { ScheduleReport } from './run-schedule.ts';
import { SIZES, type Size } from './scenario/scenario.ts';

/** What schedules of one size came to, in sum. */
interface SizeCounts {
  schedules: number;
  calls: number;
  processes: number;
  tasks: number;
  takeovers: number;
  readonly faults: FaultCounts;
}

/** A seed that shows a violation. */
export interface Violated {
  readonly seed: number;
  readonly rule: string;
  readonly detail: string;
}

type BySize = Readonly<Record<Size, SizeCounts>>;
type Counts = Record<string, number>;

const none = (): SizeCounts => ({
  schedules: 0,
  calls: 0,
  processes: 0,
  tasks: 0,
  takeovers: 0,
  faults: noFaults(),
});

/** What many schedules came to, in sum: plain data, which another thread can send. */
export class Tally {
  rows = 0;
  readonly sizes: BySize = { brief: none(), small: none(), large: none() };
  readonly moves = { seek: 0, policy: 0 };
  /** Schedules by what they began with. */
  readonly starts: Counts = {};
  readonly states: Counts = {};
  readonly violated: Violated[] = [];

  add(report: ScheduleReport): void {
    const of = this.sizes[report.size];
    of.schedules += 1;
    of.calls += report.calls;
    of.processes += report.processes;
    of.tasks += report.tasks;
    of.takeovers += report.takeovers;
    addTo(of.faults, report.faults);
    addTo(this.moves, report.moves);
    this.starts[report.start] = (this.starts[report.start] ?? 0) + 1;
    this.rows += report.rows;
    for (const state of report.states) this.states[state] = (this.states[state] ?? 0) + 1;
    if (report.violation) this.violated.push({ seed: report.seed, ...report.violation });
  }

  /** Adds what others have counted. */
  merge(other: Pick<Tally, 'rows' | 'sizes' | 'moves' | 'starts' | 'states' | 'violated'>): void {
    this.rows += other.rows;
    for (const size of SIZES) {
      const { faults, ...counts } = other.sizes[size];
      addTo(this.sizes[size] as unknown as Counts, counts);
      addTo(this.sizes[size].faults, faults);
    }
    addTo(this.moves, other.moves);
    addTo(this.starts, other.starts);
    addTo(this.states, other.states);
    this.violated.push(...other.violated);
  }

  get schedules(): number {
    return SIZES.reduce((sum, size) => sum + this.sizes[size].schedules, 0);
  }

  /** Faults by kind, over all sizes. */
  get faults(): FaultCounts {
    const all = noFaults();
    for (const size of SIZES) addTo(all, this.sizes[size].faults);
    return all;
  }

  summary(): string {
    return [
      ...SIZES.filter((size) => this.sizes[size].schedules > 0).map((size) => this.#average(size)),
      `began with: ${list(this.starts)}`,
      `loaded ${this.rows} rows; jobs ended ${list(this.states)}`,
      `offsets were moved ${this.moves.seek} times by users and ${this.moves.policy} times by the policy for deleted records`,
      `what went wrong: ${list(this.faults)}`,
    ].join('\n');
  }

  /** What a schedule is, so that nobody need suspect that they are empty. */
  #average(size: Size): string {
    const { schedules, calls, processes, tasks, takeovers, faults } = this.sizes[size];
    const each = (count: number) => (count / schedules).toFixed(2);
    const all = Object.values(faults).reduce((sum, count) => sum + count, 0);
    const crashes = faults['crash-before'] + faults['crash-after'];
    const lost = faults['lost-unapplied'] + faults['lost-applied'] + faults['lost-late'];
    return (
      `${schedules} ${size}, on average: ${each(calls)} port calls of ${each(processes)} processes, ${each(tasks)} tasks, ` +
      `${each(all)} faults (${each(crashes)} crashes, ${each(lost)} lost answers, ${each(faults.frozen)} zombies), ` +
      `${each(takeovers)} takeovers`
    );
  }
}

function addTo(sum: Counts, counts: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
}

function list(counts: Readonly<Counts>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
