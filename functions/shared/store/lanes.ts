import type { Lane } from '../domain/lane.ts';
import { jobKey } from './job-record.ts';
import { decodeLane, encodeLane, LANE_PREFIX, laneKey } from './lane-record.ts';
import { settleWrite } from './settle.ts';
import type { Tables } from './tables.ts';

/** Lanes in the store. Their offsets and tasks change only by the transactions of `tasks.ts` and `advance.ts`. */

/** All lanes of a job, also those of generations that do not count. */
export async function readLanes(tables: Tables, jobId: string): Promise<Lane[]> {
  const lanes: Lane[] = [];
  let cursor: string | undefined;
  do {
    const page = await tables.query('jobs', jobKey(jobId).pk, {
      skPrefix: LANE_PREFIX,
      ...(cursor && { cursor }),
    });
    lanes.push(...page.items.map(decodeLane));
    cursor = page.cursor;
  } while (cursor);
  return lanes;
}

/** One lane, or `undefined`. */
export async function readLane(
  tables: Tables,
  at: Pick<Lane, 'jobId' | 'generation' | 'index'>,
): Promise<Lane | undefined> {
  const item = await tables.get(laneKey(at.jobId, at.generation, at.index));
  return item && decodeLane(item);
}

/**
 * Writes a lane of a generation that this cycle has claimed for itself.
 *
 * @returns whether it is there now as written
 */
export async function insertLane(tables: Tables, lane: Lane): Promise<boolean> {
  const settled = await settleWrite(
    tables,
    {
      kind: 'put',
      key: laneKey(lane.jobId, lane.generation, lane.index),
      item: encodeLane(lane),
      condition: [{ attribute: 'pk', is: 'absent' }],
    },
    // A generation has one writer: what stands there already is this write's own earlier try.
    () => true,
  );
  return settled.won;
}

/** Deletes a lane of a generation that can no longer count, unless a task still holds it. */
export async function deleteDeadLane(tables: Tables, lane: Lane): Promise<void> {
  await settleWrite(
    tables,
    {
      kind: 'delete',
      key: laneKey(lane.jobId, lane.generation, lane.index),
      condition: [{ attribute: 'taskId', is: 'absent' }],
    },
    () => true,
  );
}
