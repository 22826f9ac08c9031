import { describe, expect, it } from 'vitest';
import { readErrorLog } from '../../../../../functions/loader/sinks/stream-load/refused-rows.ts';

describe('an error log', () => {
  it('of Doris names reason, column and row', () => {
    const log = [
      'Reason: column_name[delay], null value for not null column, type=INT. src line [1 NULL]; ',
      'Reason: Parse json data for JsonDoc failed. code: 3, error info: Invalid value.. src line [{"_partition":4,"_offset":17,x}]; ',
    ].join('\n');
    expect(readErrorLog(log)).toEqual([
      {
        column: 'delay',
        reason: 'column_name[delay], null value for not null column, type=INT',
        excerpt: '1 NULL',
      },
      {
        partition: 4,
        offset: '17',
        reason: 'Parse json data for JsonDoc failed. code: 3, error info: Invalid value.',
        excerpt: '{"_partition":4,"_offset":17,x}',
      },
    ]);
  });

  it('of StarRocks names reason and row', () => {
    const log =
      'Error: Value count does not match column count. Expect 3, but got 1. Column delimiter: 44,Row delimiter: 10.. Row: a\n';
    expect(readErrorLog(log)).toEqual([
      {
        reason:
          'Value count does not match column count. Expect 3, but got 1. Column delimiter: 44,Row delimiter: 10.',
        excerpt: 'a',
      },
    ]);
  });

  it('shows ten rows, each its beginning, without control characters', () => {
    const line = `Reason: bad. src line [${'é\u001b'.repeat(500)}]; `;
    const rows = readErrorLog(Array.from({ length: 50 }, () => line).join('\n'));
    expect(rows).toHaveLength(10);
    expect(Buffer.byteLength(rows[0]?.excerpt ?? '')).toBeLessThanOrEqual(200);
    expect(rows[0]?.excerpt).not.toContain('\u001b');
  });

  it('of another form has no rows', () => {
    expect(readErrorLog('<html>not found</html>\n\n')).toEqual([]);
  });
});
