import { describe, expect, it } from 'vitest';
import { readLoadResult } from '../../../../../functions/loader/sinks/doris/load-result.ts';

const answer = (fields: object) => JSON.stringify({ Status: 'Fail', ...fields }, null, 4);

describe('the answer to a Stream Load', () => {
  it('keeps a transaction id of 64 bits as it is', () => {
    const body = `{"TxnId": 9223372036854775807, "TwoPhaseCommit": "true", "Status": "Success"}`;
    expect(readLoadResult(body)).toMatchObject({ kind: 'prepared', txn: '9223372036854775807' });
  });

  it('is prepared when only publishing took long', () => {
    const fields = { TxnId: 7, TwoPhaseCommit: 'true', Status: 'Publish Timeout' };
    expect(readLoadResult(answer(fields)).kind).toBe('prepared');
  });

  it.each([{ TwoPhaseCommit: 'false' }, {}])('was committed at once with %j', (fields) => {
    const given = { TxnId: 7, Status: 'Success', ...fields };
    expect(readLoadResult(answer(given)).kind).toBe('committed-at-once');
  });

  it.each([
    ['FINISHED', '[LABEL_ALREADY_EXISTS]Label [L] has already been used, relate to txn [42]'],
    [undefined, 'Label has already been used, relate to txn [42], status [VISIBLE].'],
  ])('says of a label in use that it is %s', (state, Message) => {
    const body = answer({ Status: 'Label Already Exists', ExistingJobStatus: state, Message });
    expect(readLoadResult(body)).toEqual({ kind: 'label-exists', state, message: Message });
  });

  it('counts rows also where none was left to load', () => {
    const Message =
      '[ANALYSIS_ERROR]TStatus: errCode = 2, detailMessage = all partitions have no load data';
    const body = answer({ Message, NumberTotalRows: 3, NumberFilteredRows: 1 });
    expect(readLoadResult(body)).toMatchObject({
      kind: 'empty',
      counts: { total: 3, rejected: 1, unselected: 0 },
    });
  });

  it.each([
    ['[INTERNAL_ERROR]tablet error: [E-235]failed to init rowset builder', 'SINK_THROTTLED'],
    ['tablet 10 writer write failed, err=-235', 'SINK_THROTTLED'],
    [
      'errCode = 2, detailMessage = current running txns on db 10 is 100, larger than limit 100',
      'SINK_THROTTLED',
    ],
    ['[NOT_AUTHORIZED]no valid Basic authorization', 'SINK_AUTH_FAILED'],
    ['TStatus: errCode = 2, detailMessage = Access denied; you need LOAD', 'SINK_AUTH_FAILED'],
    ["errCode = 2, detailMessage = Unknown column 'x' in 'flights'", 'SCHEMA_MISMATCH'],
    ['[ANALYSIS_ERROR]TStatus: errCode = 2, detailMessage = unknown table t', 'SINK_REJECTED'],
    ['stream load 2pc is unsupported for mow table', 'SINK_REJECTED'],
    ['[INTERNAL_ERROR]cancelled: sender is gone', 'SINK_UNREACHABLE'],
    ['No backend load available, policy: {}', 'SINK_UNREACHABLE'],
    ['disk /data exceed capacity limit', 'SINK_OUT_OF_SPACE'],
  ])('"%s" is %s', (Message, code) => {
    const result = readLoadResult(answer({ Message }));
    expect(result.kind === 'failed' && result.failure.code).toBe(code);
  });

  it.each([
    ['{"status":"FAILED","msg":"No database selected."}', 'No database selected.'],
    ['<html>502</html>', 'none of Doris'],
    ['', 'none of Doris'],
  ])('%s fails and says what came', (body, words) => {
    const result = readLoadResult(body);
    expect(result.kind === 'failed' && result.failure.message).toContain(words);
  });
});
