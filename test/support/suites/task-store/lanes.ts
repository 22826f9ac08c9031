import { expect, it } from 'vitest';
import { divide, laneCount } from '#shared/domain/division.ts';
import { deleteDeadLane, insertLane, readLane, readLanes } from '#shared/store/lanes.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import { exampleLane, laneNow, NOW, offsets, plannedTask } from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';

/** What the store promises about lanes. */
export function describeLanes(make: MakeTables): void {
  it('a lane comes back as it was written, and by its generation and number', async () => {
    const tables = await make();
    const lane = exampleLane({ until: offsets({ 1: 50, 2: 9_223_372_036_854_775_807n }) });
    const lanes = [lane, { ...lane, index: 1 }, { ...lane, generation: 2 }];
    for (const each of lanes.toReversed()) expect(await insertLane(tables, each)).toBe(true);
    expect(await readLanes(tables, lane.jobId)).toEqual(lanes);
    expect(await readLane(tables, { ...lane, index: 1 })).toEqual(lanes[1]);
    expect(await readLane(tables, { ...lane, index: 2 })).toBeUndefined();
  });

  it.each(LOST_ANSWERS)(
    'F6: a lane whose answer is lost (%s) is known to be there',
    async (fault) => {
      const tables = await make();
      const lane = exampleLane();
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await insertLane(faulty, lane)).toBe(true);
      expect(await laneNow(tables, lane)).toEqual(lane);
    },
  );

  it('F5: a lane written again keeps what has happened to it since', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    expect(await insertLane(tables, { ...lane, taskId: undefined, revision: 0 })).toBe(true);
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it('a dead lane is swept, but not while a task holds it', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    const free = exampleLane({ jobId: lane.jobId, index: 1 });
    await insertLane(tables, free);
    for (const each of [lane, free, free]) await deleteDeadLane(tables, each);
    expect(await readLanes(tables, lane.jobId)).toEqual([lane]);
  });

  it('F14: 10,000 partitions in the fewest lanes fit, at the longest offsets and with the longest numbers', async () => {
    const tables = await make();
    const long = 9_223_372_036_854_775_807n;
    const { jobId } = exampleLane();
    const partitions = Array.from({ length: 10_000 }, (_, i) => 990_000 + i);
    const n = laneCount({ partitions: partitions.length, desiredConcurrency: 1 });
    for (const [index, mine] of divide(partitions, n).entries()) {
      const all = new Map(mine.map((partition) => [partition, long] as const));
      // They began at twenty different times.
      const start = new Map(
        mine.map(
          (partition) =>
            [partition, { offset: long, generation: 1 + (partition % 20), at: NOW }] as const,
        ),
      );
      const lane = exampleLane({ jobId, index, next: all, until: all, ends: all, start });
      expect(await insertLane(tables, lane)).toBe(true);
      expect(await laneNow(tables, lane)).toEqual(lane);
    }
    expect(await readLanes(tables, jobId)).toHaveLength(n);
  });
}
