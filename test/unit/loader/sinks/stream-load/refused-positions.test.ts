import { describe, expect, it } from 'vitest';
import { type JobSpecInput, jobSpec } from '#shared/domain/job-spec.ts';
import { positionsFor } from '../../../../../functions/loader/sinks/stream-load/refused-positions.ts';

const METADATA = ['_partition' as const, '_offset' as const];

type Metadata = readonly (typeof METADATA)[number][];

function specOf(more: Partial<JobSpecInput>, metadata: Metadata) {
  return jobSpec.parse({
    name: 'flights',
    source: { kafka: { brokers: ['b:9092'], topic: 'flights' } },
    destination: {
      doris: {
        frontends: ['fe:8030'],
        database: 'air',
        table: 'flights',
        secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse',
        metadata: [...metadata],
      },
    },
    ...more,
  });
}

function positions(
  rows: readonly string[],
  more: Partial<JobSpecInput> = {},
  metadata: Metadata = METADATA,
) {
  const log = rows.map((row) => `Reason: bad. src line [${row}]; `).join('\n');
  return positionsFor(specOf(more, metadata))(log);
}

describe('where the rows of an error log come from', () => {
  it('is told by the metadata at the end of a row that is shown whole', () => {
    expect(
      positions([
        '{"n":1,"_partition":4,"_offset":17}',
        '{"_partition":0,"_offset":9223372036854775807}',
        '{"a":"x]; y","b":{"c":[1]}, "_partition": 2, "_offset": 0 }',
      ]),
    ).toEqual([
      { partition: 4, offset: 17n },
      { partition: 0, offset: 9_223_372_036_854_775_807n },
      { partition: 2, offset: 0n },
    ]);
  });

  it('is told in the words of StarRocks, too, also of a reason that shows a row', () => {
    const row = '{"n":1,"_partition":4,"_offset":17}';
    const other = '{"n":2,"_partition":0,"_offset":1}';
    const log = [`Error: wrong. Row: ${row}`, `Error: wrong: '. Row: ${other}'. Row: ${row}`];
    expect(positionsFor(specOf({}, METADATA))(log.join('\n'))).toEqual([
      { partition: 4, offset: 17n },
    ]);
  });

  it.each([
    ['is cut off', '{"n":1,"_partition":4,"_offset":17'],
    ['is shown as its columns', '1 4 17'],
    ['has fields of the same names', '{"_offset":1,"n":1,"_partition":4,"_offset":17}'],
    ['does not end with the metadata', '{"_partition":4,"_offset":17,"n":1}'],
    ['has them in another order', '{"n":1,"_offset":17,"_partition":4}'],
    ['has them deeper', '{"n":{"_partition":4,"_offset":17}}'],
    ['has them in a text', '{"n":"\\"_partition\\":4,\\"_offset\\":17"}'],
    ['has no numbers there', '{"_partition":"4","_offset":"17"}'],
    ['has a fraction there', '{"_partition":4,"_offset":17.5}'],
    ['is two rows', '{"n":1,"_partition":4,"_offset":17}{"n":2}'],
    ['is no object', '[4,17]'],
  ])('is not known where a row %s', (_why, row) => {
    expect(positions([row])).toEqual([]);
  });

  it('is not known where the job does not want both among its columns', () => {
    const row = '{"n":1,"_offset":17}';
    expect(positions([row], {}, ['_offset'])).toEqual([]);
    expect(positions(['{"n":1,"_partition":4,"_offset":17}'], {}, [])).toEqual([]);
    expect(positions(['1,4,17'], { format: { type: 'csv' } }, [])).toEqual([]);
  });
});
