import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
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
    const deps = realDeps(reader);
    try {
      return await Promise.all(tasks.map((task) => runChain(deps, task, deadline)));
    } finally {
      await reader.close();
    }
  },
);
