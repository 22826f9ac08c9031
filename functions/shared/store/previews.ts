import * as z from 'zod';
import { FAILURE_CODES } from '../domain/failure.ts';
import { jobSpec, offsetsSpec } from '../domain/job-spec.ts';
import {
  PREVIEW_STATUSES,
  type Preview,
  type PreviewFailure,
  type PreviewResult,
  previewResult,
} from '../domain/preview.ts';
import { parseExactJson } from '../exact-json.ts';
import { compact } from './compact.ts';
import { RECORD_VERSION } from './job-record.ts';
import { settleWrite } from './settle.ts';
import type { Item, Key, Tables } from './tables.ts';

/**
 * Previews as items of the Tasks table, whose stream starts loaders. Their key is no job's, so that no list of tasks has
 * them, and they are not in the index `live`, so that they take no job's room. DynamoDB deletes them after an hour.
 */

const PREFIX = 'PREVIEW#';
const SORT_KEY = 'PREVIEW';

function previewKey(id: string): Key {
  return { table: 'tasks', pk: `${PREFIX}${id}`, sk: SORT_KEY };
}

/** The id of the preview that a key of the Tasks table belongs to; `undefined` for a task's. */
export function previewIdOf({ pk, sk }: Pick<Key, 'pk' | 'sk'>): string | undefined {
  return pk.startsWith(PREFIX) && sk === SORT_KEY ? pk.slice(PREFIX.length) : undefined;
}

const storedRequest = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.strictObject({
      spec: jobSpec,
      from: offsetsSpec,
      maxRecords: z.int(),
      jobId: z.string().optional(),
    }),
  );

const record = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  /** Epoch seconds: DynamoDB's own. */
  expiresAt: z.number(),
  status: z.enum(PREVIEW_STATUSES),
  request: storedRequest.optional(),
  createdAt: z.number(),
  owner: z.string().optional(),
  leaseUntil: z.number().optional(),
  finishedAt: z.number().optional(),
  failure: z.strictObject({ code: z.enum(FAILURE_CODES), message: z.string() }).optional(),
  /** Text: an item would keep 38 digits of a number, and no order of fields. */
  result: z.string().transform(parseExactJson).pipe(previewResult).optional(),
});

function decode(item: Item): Preview {
  const { v, pk, sk, expiresAt, ...preview } = record.parse(item);
  return { id: pk.slice(PREFIX.length), ...preview, expiresAt: expiresAt * 1_000 };
}

/** A preview that is not forgotten yet, or `undefined`. */
export async function readPreview(
  tables: Tables,
  id: string,
  now: number,
): Promise<Preview | undefined> {
  const item = await tables.get(previewKey(id));
  const preview = item && decode(item);
  // DynamoDB may take two days to delete what has expired.
  return preview && now < preview.expiresAt ? preview : undefined;
}

/**
 * Puts a new preview, under an id that was never given before.
 *
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function insertPreview(tables: Tables, preview: Preview): Promise<void> {
  const { id, request, expiresAt, status, createdAt } = preview;
  const key = previewKey(id);
  const item = compact({
    v: RECORD_VERSION,
    pk: key.pk,
    sk: key.sk,
    status,
    createdAt,
    expiresAt: Math.ceil(expiresAt / 1_000),
    request: JSON.stringify(request),
  });
  const condition = [{ attribute: 'pk', is: 'absent' }] as const;
  // Whatever stands there is ours: it may even have been taken by the time the answer comes.
  await settleWrite(tables, { kind: 'put', key, item, condition }, () => true);
}

/**
 * PENDING to RUNNING.
 *
 * @returns the preview as taken; `undefined` when somebody else was first
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function claimPreview(
  tables: Tables,
  preview: Preview,
  claim: { readonly owner: string; readonly leaseUntil: number },
): Promise<Preview | undefined> {
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: previewKey(preview.id),
      set: { status: 'RUNNING', owner: claim.owner, leaseUntil: claim.leaseUntil },
      condition: [{ attribute: 'status', is: 'equal', value: 'PENDING' }],
    },
    (item) => item.owner === claim.owner,
  );
  return settled.won ? { ...preview, status: 'RUNNING', ...claim } : undefined;
}

/** How a preview ends: with a result, a failure, or what was found by the time it failed. */
export interface PreviewEnd {
  readonly result?: PreviewResult | undefined;
  readonly failure?: PreviewFailure | undefined;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * RUNNING to DONE, or to FAILED with a failure. The request goes: it and the result could be too large for one item.
 *
 * @returns whether it was still its owner's
 * @throws {OutcomeUnknown} when the store stays silent
 */
export async function finishPreview(
  tables: Tables,
  { id, owner = '' }: Preview,
  { result, failure, at }: PreviewEnd,
): Promise<boolean> {
  const status = failure ? 'FAILED' : 'DONE';
  const settled = await settleWrite(
    tables,
    {
      kind: 'update',
      key: previewKey(id),
      set: compact({
        status,
        finishedAt: at,
        failure: failure && { ...failure },
        result: result && JSON.stringify(result),
      }),
      remove: ['request', 'leaseUntil'],
      condition: [
        { attribute: 'status', is: 'equal', value: 'RUNNING' },
        { attribute: 'owner', is: 'equal', value: owner },
      ],
    },
    (item) => item.status === status && item.owner === owner,
  );
  return settled.won;
}
