import * as z from 'zod';
import { completenessView } from '../../functions/api/views/completeness-view.ts';
import { historyView } from '../../functions/api/views/history-view.ts';
import { jobView } from '../../functions/api/views/job-view.ts';
import { taskListView } from '../../functions/api/views/task-view.ts';

/** The API as a patient user calls it: while its process or its store is being replaced, he tries again. */

/** An API process that was killed on a crowded machine takes its time to come back. */
const PATIENCE_MS = 120_000;
const AGAIN_MS = 200;

export type ShownJob = z.infer<typeof jobView>;
type ShownProof = z.infer<typeof completenessView>;
export type ShownEntry = z.infer<typeof historyView>['entries'][number];

const refusal = z.object({ code: z.string() });

/** An answer: its status and its body, which is JSON. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiClient {
  create(spec: object): Promise<void>;
  show(name: string): Promise<ShownJob>;
  prove(name: string): Promise<ShownProof>;
  /** All of it, newest first; the same for tasks. */
  history(name: string): AsyncIterable<ShownEntry>;
  tasks(name: string): AsyncIterable<z.infer<typeof taskListView>['tasks'][number]>;
  /** @returns the problem's code when it was refused */
  change(name: string, change: 'pause' | 'resume' | object): Promise<string | undefined>;
}

/** Calls the API at `url`. @throws {Error} when it has not answered properly for two minutes */
export function apiClient(url: string): ApiClient {
  const get = async <S extends z.ZodType>(path: string, view: S) =>
    view.parse((await call(url, 'GET', { path })).body);
  async function* pages<P extends { cursor?: string | undefined }>(
    path: string,
    view: z.ZodType<P>,
  ) {
    let cursor: string | undefined;
    do {
      const at = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page: P = await get(`${path}?limit=100${at}`, view);
      yield page;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return {
    async create(spec) {
      const { status, body } = await call(url, 'POST', { path: '/jobs', body: spec });
      // 409: an answer to this very request was lost, and it was repeated.
      if (status >= 300 && status !== 409) throw new Error(`POST /jobs: ${JSON.stringify(body)}`);
    },
    show: (name) => get(`/jobs/${name}`, jobView),
    prove: (name) => get(`/jobs/${name}/verify`, completenessView),
    async *history(name) {
      for await (const page of pages(`/jobs/${name}/history`, historyView)) yield* page.entries;
    },
    async *tasks(name) {
      for await (const page of pages(`/jobs/${name}/tasks`, taskListView)) yield* page.tasks;
    },
    async change(name, change) {
      const request =
        typeof change === 'string'
          ? await call(url, 'POST', { path: `/jobs/${name}/${change}` })
          : await call(url, 'PATCH', { path: `/jobs/${name}`, body: change });
      return request.status < 300 ? undefined : refusal.parse(request.body).code;
    },
  };
}

async function call(
  url: string,
  method: string,
  { path, body }: { readonly path: string; readonly body?: object },
): Promise<Answer> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await once(`${url}${path}`, method, body).catch((error: unknown) => error);
    if (isAnswer(answer) && answer.status < 500) return answer;
    if (performance.now() > deadline) {
      throw new Error(`${method} ${path} must be answered within ${PATIENCE_MS} ms`, {
        cause: isAnswer(answer) ? answer.body : answer,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function once(url: string, method: string, body: object | undefined): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: await response.json() };
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'status' in value;
}
