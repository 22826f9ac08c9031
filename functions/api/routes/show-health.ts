import * as z from 'zod';
import { readNameHolder } from '#shared/store/jobs.ts';
import { answer } from '../answer.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { noParameters, readQuery } from '../read-query.ts';

const healthView = z.strictObject({ status: z.literal('ok') });

/** `GET /health`: 200 when the store answers, else 503. */
export const showHealth: Route = {
  method: 'GET',
  path: '/health',
  run: async ({ tables }, request) => {
    required({ query: readQuery(request, noParameters) });
    await readNameHolder(tables, 'health');
    return answer(healthView, { status: 'ok' });
  },
};
