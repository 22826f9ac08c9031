import { parentPort, workerData } from 'node:worker_threads';
import { makeChapters } from '../beginnings/midway.ts';
import { makeWaysBack } from '../beginnings/way-back.ts';
import { type Job, perform } from './jobs.ts';

/** One thread: makes the moments that worlds go on from, says how many there are, and does what it is asked for. */

/** What is made before the first job, so that no job takes the longer for it. */
export interface WorkerNeeds {
  /** Whether brief worlds will be asked for. */
  readonly waysBack: boolean;
}

// An error's stack costs more than a port call, and errors are ordinary here.
Error.stackTraceLimit = 0;

parentPort?.on('message', (job: Job) => {
  void perform(job).then((result) => parentPort?.postMessage(result));
});
const moments = await makeChapters();
if ((workerData as WorkerNeeds).waysBack) await makeWaysBack();
parentPort?.postMessage(moments);
