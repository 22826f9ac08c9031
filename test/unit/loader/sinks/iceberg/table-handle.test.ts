import { describe, expect, it } from 'vitest';
import {
  decidedFiles,
  tableHandle,
} from '../../../../../functions/loader/sinks/iceberg/table-handle.ts';
import { NO_PERIOD } from '../../../../../functions/loader/sinks/period.ts';
import { periodHandle } from '../../../../../functions/loader/sinks/s3/period-uploads.ts';

const entry = {
  tableUuid: 'uuid-1',
  property: 'routine-load.job.0',
  mark: '1.2.task',
  before: undefined,
  base: undefined,
  snapshotId: 8_223_372_036_854_775_807n,
};
const upload = {
  bucket: 'lake',
  key: 'a',
  uploadId: 'u',
  etags: '"e1" "e2"',
  bytes: 7,
  token: 't',
};

describe("the handle of a table's files", () => {
  it('holds one file, and what the table was before, with all digits', () => {
    const full = { ...entry, before: '1.1.other', base: 9_007_199_254_740_993n };
    const handle = tableHandle(upload, [{ rows: 3 }], { entry: full, specId: 4, schemaId: 2 });
    expect(decidedFiles(JSON.parse(JSON.stringify(handle)))).toEqual({
      entry: full,
      specId: 4,
      schemaId: 2,
      files: [{ ...upload, rows: 3, period: NO_PERIOD }],
    });
  });

  it('holds a file for each period, with its rows', () => {
    const shared = { bucket: 'lake', keyTemplate: '{record_date}/a', token: 't' };
    const uploads = periodHandle(shared, [
      ['2026-11-22', upload],
      [NO_PERIOD, upload],
    ]);
    const decided = decidedFiles(
      tableHandle(uploads, [{ rows: 3 }, { rows: 4 }], { entry, specId: 0 }),
    );
    expect(decided?.files.map(({ key, period, rows }) => [key, period, rows])).toEqual([
      ['2026-11-22/a', '2026-11-22', 3],
      [`${NO_PERIOD}/a`, NO_PERIOD, 4],
    ]);
    expect(decided?.entry).toEqual(entry);
  });

  it("of 500 periods fits a task's record", () => {
    const long = { ...upload, uploadId: 'x'.repeat(150), etags: `"${'e'.repeat(32)}"` };
    const all = Array.from({ length: 500 }, (_, i) => [`2026-01-01T${i % 24}`, long] as const);
    const uploads = periodHandle({ bucket: 'b', keyTemplate: 'k', token: 't' }, all);
    const rows = all.map(() => ({ rows: 20_000_000 }));
    const handle = tableHandle(uploads, rows, { entry, specId: 0 });
    expect(JSON.stringify(handle).length).toBeLessThan(150_000);
  });

  it("is no other sink's, and is not read where a part of it is missing", () => {
    expect(decidedFiles(upload)).toBeUndefined();
    const handle = tableHandle(upload, [{ rows: 3 }, { rows: 4 }], { entry, specId: 4 });
    expect(decidedFiles(handle)).toBeUndefined();
    const { token: _, ...fewer } = tableHandle(upload, [{ rows: 3 }], { entry, specId: 4 });
    expect(decidedFiles(fewer)).toBeUndefined();
  });
});
