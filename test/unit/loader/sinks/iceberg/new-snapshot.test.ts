import { describe, expect, it } from 'vitest';
import {
  exactJson,
  parseExactly,
} from '../../../../../functions/loader/sinks/iceberg/exact-json.ts';
import {
  commitRequest,
  nextSnapshot,
} from '../../../../../functions/loader/sinks/iceberg/new-snapshot.ts';
import { madeTable } from './made-tables.ts';

const entry = {
  tableUuid: 'uuid-1',
  property: 'routine-load.job.0',
  mark: '1.2.task',
  before: undefined,
  base: undefined,
  snapshotId: 8_223_372_036_854_775_807n,
};
const files = [
  { rows: 3, bytes: 70 },
  { rows: 4, bytes: 80 },
];
const requestOn = (table: ReturnType<typeof madeTable>, now = 5_000) =>
  commitRequest(table, nextSnapshot(table, entry), { entry, manifestList: 's3://l', files, now });

describe('a commit', () => {
  it('of the first snapshot asks for a table without one', () => {
    expect(requestOn(madeTable())).toEqual({
      requirements: [
        { type: 'assert-table-uuid', uuid: 'uuid-1' },
        { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null },
      ],
      updates: [
        {
          action: 'add-snapshot',
          snapshot: {
            'snapshot-id': entry.snapshotId,
            'sequence-number': 1n,
            'timestamp-ms': 5_000,
            'manifest-list': 's3://l',
            'schema-id': 0,
            summary: {
              operation: 'append',
              'added-data-files': '2',
              'added-records': '7',
              'added-files-size': '150',
              'total-data-files': '2',
              'total-records': '7',
              'total-files-size': '150',
              'total-delete-files': '0',
              'total-position-deletes': '0',
              'total-equality-deletes': '0',
              'routine-load.task': '1.2.task',
              'routine-load.lane': 'routine-load.job.0',
            },
          },
        },
        {
          action: 'set-snapshot-ref',
          'ref-name': 'main',
          type: 'branch',
          'snapshot-id': entry.snapshotId,
        },
        { action: 'set-properties', updates: { 'routine-load.job.0': '1.2.task' } },
      ],
    });
  });

  it('on top of another adds up what that tells, and nothing that it does not', () => {
    const summary = { 'total-records': '9007199254740993', 'total-files-size': 'many' };
    const request = requestOn(madeTable({ made: [{ id: 1n, summary }] }));
    expect(request).toMatchObject({
      requirements: [{}, { 'snapshot-id': 1n }],
      updates: [
        {
          snapshot: {
            'parent-snapshot-id': 1n,
            'sequence-number': 2n,
            summary: { 'total-records': '9007199254741000' },
          },
        },
        {},
        {},
      ],
    });
    expect(JSON.stringify(exactJson(request))).not.toContain('total-files-size');
  });

  it('leaves what the branch says of its snapshots, and is never older than the table', () => {
    const refs = { main: { 'snapshot-id': 1, type: 'branch', 'min-snapshots-to-keep': 5 } };
    const request = requestOn(madeTable({ made: [{ id: 1n }], refs }), 500);
    expect(request).toMatchObject({
      updates: [
        { snapshot: { 'timestamp-ms': 1_000 } },
        { 'min-snapshots-to-keep': 5, 'snapshot-id': entry.snapshotId },
        {},
      ],
    });
  });
});

describe('JSON', () => {
  it('keeps all digits of integers, and leaves other numbers as they are', () => {
    const text = '{"a":8223372036854775807,"b":-9007199254740993,"c":1.5,"d":[12,null],"e":1e300}';
    const value = parseExactly(text);
    expect(value).toMatchObject({
      a: entry.snapshotId,
      b: -9_007_199_254_740_993n,
      c: 1.5,
      e: 1e300,
    });
    expect(exactJson(value)).toBe(text.replace('1e300', '1e+300'));
  });
});
