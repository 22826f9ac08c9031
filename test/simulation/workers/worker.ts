import { parentPort } from 'node:worker_threads';
import { makeChapters } from '../beginnings/midway.ts';
import { type Job, perform } from './jobs.ts';

/** One thread: makes the moments that worlds go on from, says how many there are, and does what it is asked for. */

// An error's stack costs more than a port call, and errors are ordinary here.
Error.stackTraceLimit = 0;

parentPort?.on('message', (job: Job) => {
  void perform(job).then((result) => parentPort?.postMessage(result));
});
parentPort?.postMessage(await makeChapters());
