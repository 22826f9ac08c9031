import type { Clock } from '#shared/clock.ts';
import type { Meter } from '#shared/observe/meter.ts';
import type { Usage } from '#shared/store/counted-client.ts';
import type { CycleReport } from './cycle.ts';
import { type JobFigures, jobFigures } from './job-figures.ts';
import type { Action, Observed } from './observed.ts';

/** What a cycle cost: its function's time, and DynamoDB. */
export interface CycleSpent extends Usage {
  readonly gbSeconds: number;
}

/** Collects what one cycle sees. */
export interface CycleMeasurement {
  /** To be told of every look at a job and of what was planned; the last look counts. */
  onVisit(observed: Observed, actions: readonly Action[]): void;
  /** Writes the figures of the jobs, and those of the cycle with what it cost. */
  end(report: CycleReport, spent?: CycleSpent): void;
}

/** Begins to measure a cycle. */
export function measureCycle(
  meter: Meter,
  { clock, cycleMs }: { readonly clock: Clock; readonly cycleMs: number },
): CycleMeasurement {
  const seen = new Map<string, { readonly name: string; readonly figures: JobFigures }>();
  return {
    onVisit(observed, actions) {
      const { job } = observed;
      const figures = jobFigures(observed, actions, { cycleMs, now: clock.now() });
      seen.set(job.id, { name: job.spec.name, figures });
    },
    end(report, spent) {
      for (const [jobId, { name, figures }] of seen) {
        const { lagRecords, lagSeconds, retentionHeadroomRecords } = figures;
        const { unloadedAgeSeconds, hoursUntilLoss } = figures;
        if (lagRecords === undefined || lagSeconds === undefined) continue;
        meter(
          {
            LagRecords: lagRecords,
            LagSeconds: lagSeconds,
            ...(retentionHeadroomRecords !== undefined && {
              RetentionHeadroomRecords: retentionHeadroomRecords,
            }),
            ...(unloadedAgeSeconds !== undefined && { UnloadedAgeSeconds: unloadedAgeSeconds }),
            ...(hoursUntilLoss !== undefined && { HoursUntilLoss: hoursUntilLoss }),
          },
          { jobId, job: name },
        );
      }
      const all = [...seen.values()].map(({ figures }) => figures);
      meter({
        Cycles: 1,
        JobsVisited: report.jobs,
        JobsLeft: report.left,
        JobsFailed: report.failures,
        JobsSkipped: all.filter(({ isSkipped }) => isSkipped).length,
        JobsStalled: all.filter(({ isStalled }) => isStalled).length,
        JobsInDoubt: all.filter(({ isInDoubt }) => isInDoubt).length,
        JobsHeld: all.filter(({ isHeld }) => isHeld).length,
        JobsRetrying: all.filter(({ isRetrying }) => isRetrying).length,
        ...(spent && {
          CycleGbSeconds: spent.gbSeconds,
          CycleReadUnits: spent.readUnits,
          CycleWriteUnits: spent.writeUnits,
        }),
      });
    },
  };
}
