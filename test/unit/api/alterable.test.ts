import { describe, expect, it } from 'vitest';
import { alterationFaults } from '../../../functions/api/alterable.ts';
import { exampleJob } from '../../support/planning-examples.ts';

const faults = (generation: number, old: number[] | undefined, now: number[] | undefined) => {
  const kafka = (partitions: number[] | undefined) => (partitions ? { partitions } : {});
  const job = exampleJob({ generation }, kafka(old));
  return alterationFaults(job, exampleJob({}, kafka(now)).spec).map(({ pointer }) => pointer);
};

describe('the partitions of a job', () => {
  it('can be added but not taken once it has begun to load: their offsets would be forgotten', () => {
    expect(faults(1, [0, 1], [0])).toEqual(['/source/kafka/partitions']);
    expect(faults(1, undefined, [0])).toEqual(['/source/kafka/partitions']);
    expect(faults(1, [0, 1], [0, 1, 2])).toEqual([]);
    expect(faults(1, [0, 1], undefined)).toEqual([]);
  });

  it('are free before the first division', () => {
    expect(faults(0, [0, 1], [2])).toEqual([]);
    expect(faults(0, undefined, [0])).toEqual([]);
  });
});
