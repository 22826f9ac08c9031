import * as z from 'zod';
import type { Fault } from './problem.ts';

/**
 * Where a list goes on. Opaque to users; bound to its list, so that a cursor of another one is a fault and
 * not a strange page.
 */
const position = z.strictObject({
  list: z.string(),
  /** The store's cursor of the page in which the list goes on; absent for the first. */
  from: z.string().optional(),
  /** The id of the last entry that was shown out of that page. Lists go down by id. */
  before: z.string().optional(),
});

/** A place in a list. */
export interface Position {
  readonly from?: string | undefined;
  readonly before?: string | undefined;
}

/** The fault of a cursor that this list did not give out. */
export const FAULTY_CURSOR: Fault = {
  parameter: 'cursor',
  detail: 'must be the cursor of an earlier page of the same list',
};

/** A place as a cursor. */
export function encodeCursor(list: string, at: Position): string {
  return Buffer.from(JSON.stringify({ list, ...at })).toString('base64url');
}

/** The place that a cursor stands for, or `undefined` when it is none of this list. */
export function decodeCursor(list: string, cursor: string): Position | undefined {
  try {
    const { list: its, ...at } = position.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString()),
    );
    return its === list ? at : undefined;
  } catch {
    return undefined;
  }
}
