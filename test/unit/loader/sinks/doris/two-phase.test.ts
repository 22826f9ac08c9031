import { describe, expect, it } from 'vitest';
import { readTwoPhaseAnswer } from '../../../../../functions/loader/sinks/doris/two-phase.ts';

describe('an answer to _stream_load_2pc', () => {
  it.each([
    ['{"status": "Success", "msg": "transaction [7] commit successfully."}', 'done'],
    ['{"Status": "OK", "Message": "commit successfully"}', 'done'],
    ['{"status": "PUBLISH_TIMEOUT", "msg": "visible later"}', 'done'],
    ['{"status": "Publish Timeout", "msg": ""}', 'done'],
    [
      '{"status": "ANALYSIS_ERROR", "msg": "TStatus: errCode = 2, detailMessage = transaction [7] is already visible, not pre-committed."}',
      'committed-before',
    ],
    [
      '{"status": "Fail", "msg": "errCode = 2, detailMessage = transaction [7] is already COMMITTED, not pre-committed."}',
      'committed-before',
    ],
    [
      '{"status": "Fail", "msg": "transaction [7] is already VISIBLE, could not abort."}',
      'committed-before',
    ],
    [
      '{"status": "Fail", "msg": "transaction [7] is already aborted. abort reason: timeout by txn manager"}',
      'aborted-before',
    ],
    ['{"status": "Fail", "msg": "transaction [7] not found"}', 'unknown'],
    [
      '{"status": "Fail", "msg": "errCode = 2, detailMessage = transaction [7] not found."}',
      'unknown',
    ],
    ['{"status": "Fail", "msg": "transaction not found, label=L"}', 'unknown'],
    ['{"status": "Fail", "msg": "running transaction not found, label=L"}', 'unknown'],
    ['{"status": "Fail", "msg": "transaction [7] is prepare, not pre-committed."}', 'failed'],
    ['{"status": "FAILED", "msg": "No transaction id or label selected."}', 'failed'],
    ['not json', 'failed'],
  ])('%s means %s', (body, kind) => {
    expect(readTwoPhaseAnswer(body).kind).toBe(kind);
  });
});
