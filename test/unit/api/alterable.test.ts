import { describe, expect, it } from 'vitest';
import { alterationFaults } from '../../../functions/api/alterable.ts';
import { jobSpec } from '../../../functions/shared/domain/job-spec.ts';
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

describe('the format of a job', () => {
  it('may be corrected, with all that belongs to it', () => {
    const job = exampleJob({}, {}, { format: { type: 'csv', columns: ['a', 'b'] } });
    const after = { type: 'csv', columnSeparator: ';', columns: ['a', 'b', 'c'] };
    expect(alterationFaults(job, exampleJob({}, {}, { format: after }).spec)).toEqual([]);
    expect(alterationFaults(job, exampleJob().spec)).toEqual([]);
  });
});

describe('the destination of a job', () => {
  const doris = {
    frontends: ['fe1:8030'],
    database: 'air',
    table: 'flights',
    secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:doris',
  };
  const jobWith = (more: object) => {
    const job = exampleJob();
    const spec = jobSpec.parse({ ...job.spec, destination: { doris: { ...doris, ...more } } });
    return { ...job, spec };
  };
  const altered = (more: object) =>
    alterationFaults(jobWith({}), jobWith(more).spec).map(({ pointer }) => pointer);

  it('may be reached and told to load in another way, but stays the same table', () => {
    expect(altered({ frontends: ['fe2:8030', 'fe3:8030'], tls: false })).toEqual([]);
    expect(altered({ strictMode: true, timeoutSeconds: 60 })).toEqual([]);
    expect(altered({ database: 'sea' })).toEqual(['/destination/doris/database']);
    expect(altered({ table: 'trips' })).toEqual(['/destination/doris/table']);
  });

  it('may be a table whose catalog is reached in another way, but stays the same one', () => {
    const iceberg = { catalog: { uri: 'https://c:1', warehouse: 'w' }, namespace: 'a', table: 't' };
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:catalog';
    const tableWith = (more: object) => {
      const job = exampleJob();
      const destination = { iceberg: { ...iceberg, ...more } };
      return { ...job, spec: jobSpec.parse({ ...job.spec, destination }) };
    };
    const of = (more: object) =>
      alterationFaults(tableWith({}), tableWith(more).spec).map(({ pointer }) => pointer);
    const auth = { mechanism: 'bearer', secretArn };
    expect(of({ catalog: { uri: 'https://d:2', warehouse: 'w', auth }, region: 'x' })).toEqual([]);
    expect(of({ catalog: { uri: 'https://c:1', warehouse: 'v' } })).toEqual([
      '/destination/iceberg/catalog/warehouse',
    ]);
    expect(of({ namespace: 'b', table: 'u' })).toEqual([
      '/destination/iceberg/namespace',
      '/destination/iceberg/table',
    ]);
  });
});
