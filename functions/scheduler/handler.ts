import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import { makeMeter } from '#shared/observe/emf-meter.ts';
import { config } from './config.ts';
import { type CycleReport, runCycle } from './cycle.ts';
import { measureCycle } from './measure-cycle.ts';
import { realDeps } from './real-deps.ts';

const meter = makeMeter('scheduler', config);

/** One scheduling cycle, started by EventBridge Scheduler. The event says only "look". */
export const handler = middy<ScheduledEvent, CycleReport>().handler(
  async (_event: ScheduledEvent, context: Context): Promise<CycleReport> => {
    const left = context.getRemainingTimeInMillis() - config.DEADLINE_MARGIN_MS;
    const measurement = measureCycle(meter, { clock: systemClock, cycleMs: config.CYCLE_MS });
    const { onVisit } = measurement;
    const report = await runCycle({ ...realDeps, onVisit }, systemClock.now() + left);
    measurement.end(report);
    if (report.actions > 0 || report.failures > 0) realDeps.log('cycle', { ...report });
    return report;
  },
);
