import { type FaultCounts, noFaults } from './engine/faults.ts';
import type { ScheduleReport } from './run-schedule.ts';

/** What many schedules came to, in sum. */
export class Tally {
  schedules = 0;
  large = 0;
  rows = 0;
  calls = 0;
  processes = 0;
  takeovers = 0;
  readonly moves = { seek: 0, policy: 0 };
  /** Schedules by what they began with. */
  readonly starts: Record<string, number> = {};
  tasks = 0;
  readonly faults: FaultCounts = noFaults();
  readonly states: Record<string, number> = {};
  readonly violated: { seed: number; rule: string; detail: string }[] = [];
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();

  add(report: ScheduleReport): void {
    this.schedules += 1;
    if (report.size === 'large') this.large += 1;
    this.starts[report.start] = (this.starts[report.start] ?? 0) + 1;
    this.rows += report.rows;
    this.calls += report.calls;
    this.processes += report.processes;
    this.takeovers += report.takeovers;
    this.moves.seek += report.moves.seek;
    this.moves.policy += report.moves.policy;
    this.tasks += report.tasks;
    for (const [fault, count] of Object.entries(report.faults)) {
      this.faults[fault as keyof FaultCounts] += count;
    }
    for (const state of report.states) this.states[state] = (this.states[state] ?? 0) + 1;
    if (report.violation) this.violated.push({ seed: report.seed, ...report.violation });
  }

  progress(): string {
    const { perSecond, perCpuSecond } = this.#rates();
    return `${this.schedules} schedules, ${perSecond}/s (${perCpuSecond} per second of CPU), ${this.violated.length} violations`;
  }

  summary(): string {
    const list = (counts: Readonly<Record<string, number>>) =>
      Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
    return [
      this.progress(),
      this.#average(),
      `began with: ${list(this.starts)}`,
      `loaded ${this.rows} rows in ${this.tasks} tasks; jobs ended ${list(this.states)}`,
      `offsets were moved ${this.moves.seek} times by users and ${this.moves.policy} times by the policy for deleted records`,
      `what went wrong: ${list(this.faults)}`,
    ].join('\n');
  }

  /** What a schedule is, so that nobody need suspect that they are empty. */
  #average(): string {
    const { faults } = this;
    const each = (count: number) => (count / Math.max(1, this.schedules)).toFixed(2);
    const all = Object.values(faults).reduce((sum, count) => sum + count, 0);
    const crashes = faults['crash-before'] + faults['crash-after'];
    const lost = faults['lost-unapplied'] + faults['lost-applied'] + faults['lost-late'];
    return (
      `a schedule on average: ${each(this.calls)} port calls of ${each(this.processes)} processes, ${each(this.tasks)} tasks, ` +
      `${each(all)} faults (${each(crashes)} crashes, ${each(lost)} lost answers, ${each(faults.frozen)} zombies), ` +
      `${each(this.takeovers)} takeovers; ${this.large} of ${this.schedules} are large`
    );
  }

  /** A machine that others use gives less than its second per second: so both are told. */
  #rates(): { perSecond: string; perCpuSecond: string } {
    const { user, system } = process.cpuUsage(this.#cpu);
    const seconds = (performance.now() - this.#began) / 1_000;
    return {
      perSecond: (this.schedules / seconds).toFixed(0),
      perCpuSecond: (this.schedules / ((user + system) / 1_000_000)).toFixed(0),
    };
  }
}
