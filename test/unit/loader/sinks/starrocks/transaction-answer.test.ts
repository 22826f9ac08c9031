import { describe, expect, it } from 'vitest';
import { readTransactionAnswer } from '../../../../../functions/loader/sinks/starrocks/transaction-answer.ts';

describe('an answer of the transaction interface', () => {
  it.each([
    ['{"Status":"OK","Message":"","Label":"L","TxnId":9032,"BeginTxnTimeMs":0}', 'ok'],
    [
      '{"Status":"LABEL_ALREADY_EXISTS","ExistingJobStatus":"RUNNING","Message":"Label [L] has already been used."}',
      'label-exists',
    ],
    [
      '{"Status":"OK","Message":"Transaction 7 has already committed, label is L"}',
      'committed-before',
    ],
    ['{"Status":"OK","Message":"Transaction already commited"}', 'ok'],
    ['{"Status":"OK","Message":"Transaction already committed"}', 'committed-before'],
    [
      '{"Status":"FAILED","Message":"Can not abort VISIBLE transaction 7, label is L"}',
      'committed-before',
    ],
    [
      '{"Status":"FAILED","Message":"Can not commit ABORTED transaction 7, label is L"}',
      'aborted-before',
    ],
    ['{"Status":"FAILED","Message":"publish timeout"}', 'ok'],
    ['{"Status":"FAILED","Message":"commit timeout"}', 'failed'],
    ['{"Status":"FAILED","Message":"TXN_NOT_EXISTS"}', 'unknown'],
    ['{"Status":"FAILED","Message":"Transcation Not Exist"}', 'unknown'],
    ['{"Status":"FAILED","Message":"No transaction found by label L"}', 'unknown'],
    ['{"Status":"FAILED","Message":"Transcation State Invalid"}', 'failed'],
    ['{"Status":"FAILED","Message":"No partitions have data available for loading."}', 'no-rows'],
    ['{"Status":"FAILED","Message":"Empty label."}', 'failed'],
    ['oops', 'failed'],
  ])('%s means %s', (body, kind) => {
    expect(readTransactionAnswer(body).kind).toBe(kind);
  });
});
