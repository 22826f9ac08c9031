import * as z from 'zod';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { OversizedRecords, RecordView } from '../records.ts';
import { headerBytes } from '../rows/record-headers.ts';

/** A bad row as it was kept. */
export interface DeadLetter {
  readonly topic: string;
  readonly column: string | undefined;
  readonly reason: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The record byte for byte, as it was read from the topic; absent for one that was too large to be read. */
  readonly record: RecordView | undefined;
  /** What stands for that one. */
  readonly withheld: OversizedRecords | undefined;
}

/** Kafka's offsets have 63 bits. */
const OFFSET = /^(0|[1-9]\d{0,18})$/;

const base64 = z.base64();
const headerPart = z.union([z.string(), z.strictObject({ base64 }), z.null()]);

const line = z
  .strictObject({
    topic: z.string(),
    partition: z.int().min(0),
    offset: z.string().regex(OFFSET, 'must be an offset'),
    // Producers may write what they like: nanoseconds are beyond 2^53.
    timestamp: z.number().multipleOf(1).min(0).nullable(),
    column: z.string().nullable(),
    reason: z.string(),
    key: z.string().nullable().optional(),
    keyBase64: base64.optional(),
    headers: z.array(z.tuple([headerPart, headerPart])),
    value: z.string().nullable().optional(),
    valueBase64: base64.optional(),
    /** Of a record that was too large to be read: nothing but its place is known of it. */
    withheldBytes: z.int().min(1).optional(),
  })
  .refine(
    ({ key, keyBase64 }) => (key === undefined) !== (keyBase64 === undefined),
    'must have one of key and keyBase64',
  )
  .refine(
    ({ value, valueBase64, withheldBytes }) =>
      [value, valueBase64, withheldBytes].filter((held) => held !== undefined).length === 1,
    'must have one of value, valueBase64 and withheldBytes',
  );
type Line = z.infer<typeof line>;

/**
 * Reads a line that `appendDeadLetter` wrote. Lines end at LF alone: other line breaks of Unicode may stand in them.
 *
 * @throws {LoadFailure} CORRUPT_BATCH when the line is none, without showing what stands in it
 */
export function parseDeadLetter(text: string): DeadLetter {
  const parsed = line.safeParse(jsonOf(text));
  if (!parsed.success) throw corrupt(faultOf(parsed.error));
  const { topic, partition, column, reason, withheldBytes: bytes } = parsed.data;
  const offset = BigInt(parsed.data.offset);
  const place = { partition, from: offset, to: offset + 1n, count: 1 };
  return {
    topic,
    partition,
    offset,
    column: column ?? undefined,
    reason,
    record: bytes === undefined ? recordOf(parsed.data) : undefined,
    withheld: bytes === undefined ? undefined : { ...place, bytes, reason },
  };
}

/** A record as a view over a buffer of its own. */
function recordOf(given: Line): RecordView {
  const key = bytesOf(given.key, given.keyBase64);
  const value = bytesOf(given.value, given.valueBase64);
  const headers = headerBytes(given.headers.map(([name, held]) => [partOf(name), partOf(held)]));
  const parts = [key, value, headers].map((part) => part ?? Buffer.alloc(0));
  const [keyEnd = 0, valueLength = 0] = parts.map(({ length }) => length);
  const valueEnd = keyEnd + valueLength;
  return {
    buffer: Buffer.concat(parts),
    partition: given.partition,
    offset: BigInt(given.offset),
    timestamp: given.timestamp ?? -1,
    keyStart: key === null ? -1 : 0,
    keyEnd: key === null ? -1 : keyEnd,
    valueStart: value === null ? -1 : keyEnd,
    valueEnd: value === null ? -1 : valueEnd,
    headersStart: valueEnd,
    headersEnd: valueEnd + headers.length,
    headersCount: given.headers.length,
  };
}

function bytesOf(text: string | null | undefined, encoded: string | undefined): Buffer | null {
  if (encoded !== undefined) return Buffer.from(encoded, 'base64');
  return typeof text === 'string' ? Buffer.from(text) : null;
}

function partOf(part: z.infer<typeof headerPart>): Buffer | null {
  return typeof part === 'string' || part === null
    ? bytesOf(part, undefined)
    : bytesOf(undefined, part.base64);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupt(`not valid JSON, ${text.length} characters`);
  }
}

function faultOf({ issues: [issue] }: z.ZodError): string {
  const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  return `${issue?.code ?? 'invalid'}${place}`;
}

function corrupt(fault: string): LoadFailure {
  return new LoadFailure(
    'CORRUPT_BATCH',
    `a dead letter must be a line as it was written, got: ${fault}`,
  );
}
