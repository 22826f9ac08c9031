import type { Sink } from '../../../../../functions/loader/sinks/sink.ts';

/** Rows that tests of warehouses load, and the label that they load them under. */

export const LABEL = 'rl_01JOB_01TASK_1';
export const ROWS = ['{"n":1}', '{"n":2}', '{"n":3}'];

/** Rows as lines, as a loader writes them. */
export const chunk = (rows: readonly string[]) =>
  Buffer.from(rows.map((row) => `${row}\n`).join(''));

/** Loads and prepares rows, and tells what the destination thinks of them. */
export async function prepare(on: Sink, rows: readonly string[] = ROWS, label = LABEL) {
  const writer = await on.open(label);
  await writer.write(chunk(rows));
  return { handle: await writer.prepare(), judged: writer.judged?.() };
}
