import { describe, expect, it } from 'vitest';
import { starrocksUnderTest } from './starrocks/starrocks-under-test.ts';
import { chunk, LABEL, prepare, ROWS } from './stream-load/prepared-rows.ts';

const { sink, starrocks } = starrocksUnderTest();

describe('a load into StarRocks', () => {
  it('names the mark of rows that delete among the columns, of each load and only where they delete', async () => {
    // https://docs.starrocks().io/docs/loading/Load_to_Primary_Key_tables: Stream Load knows __op by `columns` alone.
    const named = async (tombstone: 'delete' | 'null', label: string) => {
      const more = { columns: 'n, m = n + 1', policies: { tombstone } };
      const writer = await sink({ keyColumns: ['n'] }, { more }).open(label);
      await writer.write(chunk(ROWS));
      await writer.prepare();
      const loads = starrocks().seen.filter(
        ({ headers, path }) => headers.label === label && path.endsWith('/load'),
      );
      return [...new Set(loads.map(({ headers }) => headers.columns))];
    };
    expect(await named('delete', `${LABEL}1`)).toEqual(['n, m = n + 1, __op']);
    expect(await named('null', `${LABEL}2`)).toEqual(['n, m = n + 1']);
  });

  it('passes the settings of a job on by the names of StarRocks', async () => {
    await prepare(
      sink(
        {
          partialUpdate: true,
          partialUpdateMode: 'column',
          mergeCondition: 'seq',
          ignoreJsonSize: true,
          loadMemLimit: 1_000_000,
          logRejectedRecordNum: 5,
          warehouse: 'wh',
          idleTimeoutSeconds: 30,
          preparedTimeoutSeconds: 3_600,
          timeoutSeconds: 60,
        },
        { more: { columns: 'n, late = n > 15', where: 'n > 0' } },
      ),
    );
    const headersOf = (step: string) =>
      starrocks().seen.findLast(({ path }) => path.includes(step))?.headers;
    expect(headersOf('begin')).toMatchObject({
      db: 'air',
      table: 'flights',
      label: LABEL,
      timeout: '60',
      idle_transaction_timeout: '30',
      warehouse: 'wh',
    });
    expect(headersOf('load')).toMatchObject({
      format: 'json',
      columns: 'n, late = n > 15',
      where: 'n > 0',
      partial_update: 'true',
      partial_update_mode: 'column',
      merge_condition: 'seq',
      ignore_json_size: 'true',
      load_mem_limit: '1000000',
      log_rejected_record_num: '5',
      max_filter_ratio: '1',
    });
    expect(headersOf('prepare')).toMatchObject({ prepared_timeout: '3600' });
  });
});
