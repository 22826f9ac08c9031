import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import { divideTime } from '#shared/observe/lambda-time.ts';
import { openTrace } from '#shared/observe/xray-trace.ts';
import { config } from './config.ts';
import { namedWork } from './pipe-event.ts';
import { makePreview } from './preview/make-preview.ts';
import type { PreviewReport } from './preview/run-preview.ts';
import { log, openReader, previewDeps, realDeps } from './real-deps.ts';
import { type ChainReport, runChain } from './run-chain.ts';

type Report = ChainReport | PreviewReport;

/**
 * Loads the tasks that the pipe names, and goes on with their lanes while the function has time; and makes the previews
 * that it names.
 */
export const handler = middy<unknown, Report[]>().handler(
  async (event: unknown, context: Context): Promise<Report[]> => {
    const deadline = systemClock.now() + context.getRemainingTimeInMillis();
    const { tasks, previews, unreadable } = namedWork(event);
    if (unreadable > 0) log('records without the keys of a task', { unreadable });
    const reader = openReader();
    const { trace, close } = openTrace(process.env, systemClock);
    const lambda = divideTime(systemClock, config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
    try {
      const chains = tasks.map((task) =>
        lambda.during((time) => runChain(realDeps({ reader, time, trace }), task, deadline)),
      );
      const until = deadline - config.DEADLINE_MARGIN_MS;
      const made = previews.map((id) => makePreview(previewDeps(reader), id, until));
      return await Promise.all([...chains, ...made]);
    } finally {
      await reader.close();
      await close();
    }
  },
);
