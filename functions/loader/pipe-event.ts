import * as z from 'zod';
import { previewIdOf } from '#shared/store/previews.ts';

/** What a pipe hands its target: a bare array of stream records, not {Records: [...]}. */

const string = z.object({ S: z.string() });

/** Only the keys matter: the record is a hint, and the table is the truth. */
const streamRecord = z.object({
  dynamodb: z.object({ Keys: z.object({ pk: string, sk: string }) }),
});

/** A task that the stream named. */
export interface NamedTask {
  readonly jobId: string;
  readonly taskId: string;
}

/** What an event asks for. */
export interface NamedWork {
  readonly tasks: NamedTask[];
  /** By their ids. */
  readonly previews: string[];
  readonly unreadable: number;
}

/**
 * The tasks and previews that an event names, each once, and how many of its records were no such thing: those are
 * counted and left, since a record that is refused would only come again.
 */
export function namedWork(event: unknown): NamedWork {
  const records = Array.isArray(event) ? event : [event];
  const named = new Map<string, NamedTask>();
  const previews = new Set<string>();
  let unreadable = 0;
  for (const record of records) {
    const parsed = streamRecord.safeParse(record);
    if (!parsed.success) {
      unreadable += 1;
      continue;
    }
    const { pk, sk } = parsed.data.dynamodb.Keys;
    const preview = previewIdOf({ pk: pk.S, sk: sk.S });
    if (preview !== undefined) previews.add(preview);
    else named.set(`${pk.S}/${sk.S}`, { jobId: pk.S, taskId: sk.S });
  }
  return { tasks: [...named.values()], previews: [...previews], unreadable };
}
