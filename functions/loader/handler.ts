import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import { divideTime } from '#shared/observe/lambda-time.ts';
import { openTrace } from '#shared/observe/xray-trace.ts';
import { config } from './config.ts';
import { namedTasks } from './pipe-event.ts';
import { log, openReader, realDeps } from './real-deps.ts';
import { type ChainReport, runChain } from './run-chain.ts';

/** Loads the tasks that the pipe names, and goes on with their lanes while the function has time. */
export const handler = middy<unknown, ChainReport[]>().handler(
  async (event: unknown, context: Context): Promise<ChainReport[]> => {
    const deadline = systemClock.now() + context.getRemainingTimeInMillis();
    const { tasks, unreadable } = namedTasks(event);
    if (unreadable > 0) log('records without the keys of a task', { unreadable });
    const reader = openReader();
    const { trace, close } = openTrace(process.env, systemClock);
    const lambda = divideTime(systemClock, config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
    try {
      const chains = tasks.map((task) =>
        lambda.during((time) => runChain(realDeps({ reader, time, trace }), task, deadline)),
      );
      return await Promise.all(chains);
    } finally {
      await reader.close();
      await close();
    }
  },
);
