import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import { linkDeps, openLink } from '#shared/kafka/open-link.ts';
import { makeLog } from '#shared/log.ts';
import { newId } from '#shared/new-id.ts';
import { connectTables } from '#shared/store/connect.ts';
import { config } from './config.ts';
import { makeSliceReader } from './kafka/slice-reader.ts';
import { namedTasks } from './pipe-event.ts';
import { type ChainReport, runChain } from './run-chain.ts';
import { settings } from './settings.ts';
import { sinkOf } from './sink-of.ts';
import { makeStage } from './stage.ts';

const tables = connectTables(config, process.env);
const kafka = linkDeps(config);
const log = makeLog('loader');

/** Loads the tasks that the pipe names, and goes on with their lanes while the function has time. */
export const handler = middy<unknown, ChainReport[]>().handler(
  async (event: unknown, context: Context): Promise<ChainReport[]> => {
    const deadline = systemClock.now() + context.getRemainingTimeInMillis();
    const { tasks, unreadable } = namedTasks(event);
    if (unreadable > 0) log('records without the keys of a task', { unreadable });
    // Connections do not outlive an invocation: a frozen sandbox wakes up with dead ones.
    const reader = makeSliceReader({
      open: (address) => openLink(address, kafka),
      clock: systemClock,
      settings: settings.fetch,
    });
    const deps = {
      tables,
      stage: makeStage(reader, settings.protocol),
      sinkOf: (job: Parameters<typeof sinkOf>[0]) => sinkOf(job, settings.sinks),
      clock: systemClock,
      newId,
      settings: settings.protocol,
      log,
    };
    try {
      return await Promise.all(tasks.map((task) => runChain(deps, task, deadline)));
    } finally {
      await reader.close();
    }
  },
);
