import { createHash } from 'node:crypto';
import { settleWrite } from '#shared/store/settle.ts';
import type { Tables } from '#shared/store/tables.ts';
import type { Parsed } from './parsed.ts';
import { ApiProblem } from './problem.ts';
import type { ApiRequest } from './request.ts';
import { stableJson } from './stable-json.ts';

/**
 * Requests that may be repeated: an idempotency key is bound for good to the id that its job has, or will
 * have, before that job is written. Whoever repeats the request goes on under the same id, so that a
 * crash or a lost answer at any point leaves one job at most.
 */

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The request's `Idempotency-Key`, if it has one. */
export function readIdempotencyKey({ headers }: ApiRequest): Parsed<string | undefined> {
  const key = headers['idempotency-key'];
  if (key === undefined || KEY.test(key)) return { ok: true, value: key };
  const detail = 'must be 1-255 printable ASCII characters without spaces';
  return { ok: false, faults: [{ header: 'Idempotency-Key', detail }] };
}

/**
 * Binds a key to `jobId`, unless it is bound already.
 *
 * @returns the id that the key is bound to
 * @throws {ApiProblem} IDEMPOTENCY_KEY_REUSED when it came with another body before
 */
export async function bindKey(
  tables: Tables,
  request: { readonly key: string; readonly body: unknown; readonly jobId: string },
): Promise<string> {
  const key = { table: 'jobs', pk: `REQUEST#${request.key}`, sk: 'REQUEST' } as const;
  const body = createHash('sha256').update(stableJson(request.body)).digest('hex');
  const settled = await settleWrite(
    tables,
    {
      kind: 'put',
      key,
      item: { pk: key.pk, sk: key.sk, jobId: request.jobId, body },
      condition: [{ attribute: 'pk', is: 'absent' }],
    },
    (item) => item.jobId === request.jobId,
  );
  if (settled.won) return request.jobId;
  if (settled.current?.body === body) return String(settled.current.jobId);
  throw new ApiProblem(
    'IDEMPOTENCY_KEY_REUSED',
    'this Idempotency-Key came with another body before; a new request needs a new key',
  );
}
