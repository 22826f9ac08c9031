import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import { makeMeter } from '#shared/observe/emf-meter.ts';
import { divideTime } from '#shared/observe/lambda-time.ts';
import { openTrace } from '#shared/observe/xray-trace.ts';
import { config } from './config.ts';
import { type CycleReport, runCycle } from './cycle.ts';
import { measureCycle } from './measure-cycle.ts';
import { realDeps, takeUsage } from './real-deps.ts';

const meter = makeMeter('scheduler', config);

/** One scheduling cycle, started by EventBridge Scheduler. The event says only "look". */
export const handler = middy<ScheduledEvent, CycleReport>().handler(
  async (_event: ScheduledEvent, context: Context): Promise<CycleReport> => {
    const left = context.getRemainingTimeInMillis() - config.DEADLINE_MARGIN_MS;
    const measurement = measureCycle(meter, { clock: systemClock, cycleMs: config.CYCLE_MS });
    const { onVisit } = measurement;
    const { trace, close } = openTrace(process.env, systemClock);
    const lambda = divideTime(systemClock, config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
    try {
      return await lambda.during(async (time) => {
        const report = await runCycle({ ...realDeps, onVisit, trace }, systemClock.now() + left);
        measurement.end(report, { gbSeconds: time.take(), ...takeUsage() });
        if (report.actions > 0 || report.failures > 0) realDeps.log('cycle', { ...report });
        return report;
      });
    } finally {
      await close();
    }
  },
);
