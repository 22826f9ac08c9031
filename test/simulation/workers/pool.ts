import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, Results } from './jobs.ts';
import type { WorkerNeeds } from './worker.ts';

/** Room for what worlds leave behind, so that it is collected seldom: a fifth of the time goes without it. */
const YOUNG_MB = 384;

/** Threads that do jobs, each one at a time. */
export class Pool {
  readonly #workers: readonly Worker[];

  /** @param threads how many; one for each core when it is not given */
  constructor(threads: number | undefined, needs: WorkerNeeds) {
    const count = threads ?? availableParallelism();
    if (count < 1) throw new RangeError(`--workers must be at least 1, got ${count}`);
    this.#workers = Array.from(
      { length: count },
      () =>
        new Worker(new URL('./worker.ts', import.meta.url), {
          workerData: needs,
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
        }),
    );
  }

  get threads(): number {
    return this.#workers.length;
  }

  /** Resolves when every thread has made its beginnings. @returns how many */
  async ready(): Promise<number> {
    const counts = await Promise.all(this.#workers.map((worker) => answerOf<number>(worker)));
    return counts[0] ?? 0;
  }

  /**
   * Has all jobs done, the next one by whoever is free.
   *
   * @param onResult called with each result as it comes; `false` begins no more
   */
  async doAll<J extends Job>(
    jobs: Iterator<J>,
    onResult: (result: Results[J['kind']], job: J) => boolean,
  ): Promise<void> {
    let goesOn = true;
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (let next = jobs.next(); goesOn && !next.done; next = jobs.next()) {
          const answer = answerOf<Results[J['kind']]>(worker);
          worker.postMessage(next.value);
          goesOn = onResult(await answer, next.value) && goesOn;
        }
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** What a thread says next. @throws what it died of */
function answerOf<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: T) => {
      worker.off('error', reject);
      resolve(answer);
    });
  });
}
