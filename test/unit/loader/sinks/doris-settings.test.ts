import { describe, expect, it } from 'vitest';
import { dorisUnderTest } from './doris/doris-under-test.ts';
import { prepare } from './stream-load/prepared-rows.ts';

const { sink, doris } = dorisUnderTest();

describe('a load into Doris', () => {
  it.each([
    [undefined, { hidden_columns: '__DORIS_DELETE_SIGN__' }, 'columns'],
    ['n, m', { columns: 'n, m, __DORIS_DELETE_SIGN__' }, 'hidden_columns'],
  ])('is told of the mark of rows that delete, with columns %s', async (columns, told, absent) => {
    const policies = { tombstone: 'delete' as const };
    await prepare(sink({ keyColumns: ['n'] }, { more: { columns, policies } }));
    const headers = doris().seen.find(({ server }) => server.startsWith('be'))?.headers;
    expect(headers).toMatchObject(told);
    expect(headers).not.toHaveProperty(absent);
  });

  it('passes the settings of a job on as headers, in UTF-8', async () => {
    await prepare(
      sink(
        {
          mergeType: 'MERGE',
          deleteOn: 'gone = 1',
          sequenceColumn: 'seq',
          uniqueKeyUpdateMode: 'UPDATE_FIXED_COLUMNS',
          strictMode: true,
          timezone: 'Europe/Berlin',
          partitions: ['p1', 'p2'],
          sendBatchParallelism: 2,
          loadToSingleTablet: true,
          execMemLimit: 1_000_000,
          timeoutSeconds: 60,
          computeGroup: 'cg',
        },
        {
          more: {
            format: { type: 'json', jsonPaths: ['$.n', '$.straße'] },
            columns: 'n, late = n > 15',
            where: "name <> 'Zürich'",
          },
        },
      ),
    );
    const headers = doris().seen.find(({ server }) => server.startsWith('be'))?.headers ?? {};
    const text = (name: string) => Buffer.from(String(headers[name]), 'latin1').toString();
    expect(headers).toMatchObject({
      format: 'json',
      read_json_by_line: 'true',
      two_phase_commit: 'true',
      max_filter_ratio: '1',
      columns: 'n, late = n > 15',
      merge_type: 'MERGE',
      delete: 'gone = 1',
      'function_column.sequence_col': 'seq',
      unique_key_update_mode: 'UPDATE_FIXED_COLUMNS',
      strict_mode: 'true',
      timezone: 'Europe/Berlin',
      partitions: 'p1,p2',
      send_batch_parallelism: '2',
      load_to_single_tablet: 'true',
      exec_mem_limit: '1000000',
      timeout: '60',
      compute_group: 'cg',
    });
    expect(text('where')).toBe("name <> 'Zürich'");
    expect(text('jsonpaths')).toBe('["$.n","$.straße"]');
  });

  it('says the dialect of CSV values, and a separator of white space so that no hop trims it', async () => {
    const format = {
      type: 'csv' as const,
      columnSeparator: '\t',
      escape: '\\',
      columns: ['a', 'b'],
    };
    await prepare(sink({ trimDoubleQuotes: true, emptyFieldAsNull: true }, { more: { format } }));
    const headers = doris().seen.find(({ server }) => server.startsWith('be'))?.headers;
    expect(headers).toMatchObject({
      format: 'csv',
      column_separator: '\\x09',
      enclose: '"',
      escape: '\\',
      columns: 'a,b',
      trim_double_quotes: 'true',
      empty_field_as_null: 'true',
    });
    expect(headers?.read_json_by_line).toBeUndefined();
  });
});
