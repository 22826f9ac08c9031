import { describe, expect, it } from 'vitest';
import { TaskLost } from '../../../functions/loader/heartbeat.ts';
import { typesInStore } from '../../../functions/loader/inferred-types.ts';
import { typedSpec } from '../../../functions/loader/transform/infer/typed-spec.ts';
import { systemClock } from '../../../functions/shared/clock.ts';
import type { TypeSample } from '../../../functions/shared/domain/inferred-types.ts';
import type { JobSpecInput } from '../../../functions/shared/domain/job-spec.ts';
import type { Tables } from '../../../functions/shared/store/tables.ts';
import { releaseTask } from '../../../functions/shared/store/task-offers.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { exampleError, exampleJob, NOW, newId, runningTask } from '../../support/store-examples.ts';
import { recordOf } from './rows/record-of.ts';

const parquet = { destination: { file: { table: 'flights', format: 'parquet' } } } as const;

async function attemptOver(tables: Tables, spec: Partial<JobSpecInput> = {}) {
  const { lane, task } = await runningTask(tables);
  const { job } = exampleJob('flights', { ...parquet, ...spec });
  const attempt = { job: { ...job, id: lane.jobId }, task };
  return { ...attempt, types: typesInStore({ tables, clock: systemClock, newId }, attempt) };
}

const sampleOf = (type: string): TypeSample => ({
  types: new Map([['n', type]]),
  fromSchema: new Set(),
  rows: 1,
  leftOut: [],
});

describe('types that a loader keeps', () => {
  it('are those that another loader kept before', async () => {
    const tables = makeMemoryTables();
    const { types } = await attemptOver(tables);
    const first = await types.keep(sampleOf('BIGINT'), undefined);
    const second = await types.keep(sampleOf('VARCHAR'), undefined);
    expect(second).toEqual(first);
    expect(await types.read()).toEqual(first);
  });

  it('are none when its task is another attempt’s and nobody has kept any', async () => {
    const tables = makeMemoryTables();
    const { types, task } = await attemptOver(tables);
    await releaseTask(tables, task, { error: exampleError(task), notBefore: NOW });
    await expect(types.keep(sampleOf('BIGINT'), undefined)).rejects.toThrow(TaskLost);
  });

  it('are never those of values that another format gave', async () => {
    const tables = makeMemoryTables();
    const { types, job, task } = await attemptOver(tables);
    const standing = await types.keep(sampleOf('BIGINT'), undefined);
    const format = { type: 'json', jsonRoot: '$.after' } as const;
    const altered = { job: { ...job, spec: { ...job.spec, format } }, task };
    const zombie = types;
    const later = typesInStore({ tables, clock: systemClock, newId }, altered);
    const replaced = await later.keep(sampleOf('DATE'), standing);
    expect(replaced.types.get('n')).toBe('DATE');
    await expect(zombie.keep(sampleOf('BIGINT'), standing)).rejects.toThrow(TaskLost);
    expect(await later.read()).toEqual(replaced);
  });
});

describe('a specification', () => {
  const typing = async (spec: Partial<JobSpecInput>, ...values: string[]) => {
    const { types, job } = await attemptOver(makeMemoryTables(), spec);
    let readings = 0;
    const type = () =>
      typedSpec(job.spec, {
        types,
        valueReadings: undefined,
        onProgress: () => {},
        read: async (consumer) => {
          readings += 1;
          for (const value of values) consumer.accept(recordOf(value));
        },
      });
    return { type, readings: () => readings, given: job.spec };
  };

  it('gets the types of the first rows, which are read once', async () => {
    const { type, readings } = await typing({}, '{"n":1}', 'no row', '{"n":2,"m":"x"}');
    const typed = await type();
    expect(typed.types).toEqual({ n: 'BIGINT', m: 'VARCHAR' });
    expect(await type()).toEqual(typed);
    expect(readings()).toBe(1);
  });

  it('stays without types where there is no row, and is asked again', async () => {
    const { type, readings, given } = await typing({}, 'no row');
    expect(await type()).toBe(given);
    await type();
    expect(readings()).toBe(2);
  });

  it('that declares all its types needs no sample', async () => {
    const { type, readings, given } = await typing({ types: { n: 'INTEGER' } }, '{"n":1}');
    expect(await type()).toBe(given);
    expect(readings()).toBe(0);
  });
});
