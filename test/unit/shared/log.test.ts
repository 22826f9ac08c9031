import { expect, it } from 'vitest';
import { writtenLines } from '../../support/written-lines.ts';

/** What a log writes that is called with these arguments, as source. */
function logged(call: string) {
  return writtenLines(`
    const { makeLog } = await import('./functions/shared/log.ts');
    makeLog('loader')(${call});
  `);
}

it('writes one line of JSON with the function’s name and every fact, also those of 64 bits', () => {
  const lines = logged(
    `'task lost', { jobId: 'J1', taskId: 'K1', offset: 9_007_199_254_740_993n }`,
  );

  expect(lines).toMatchObject([
    {
      level: 'INFO',
      service: 'loader',
      message: 'task lost',
      jobId: 'J1',
      taskId: 'K1',
      offset: '9007199254740993',
    },
  ]);
});

it('warns of failures, and keeps both what happened and why', () => {
  const lines = logged(
    `'task failed', { code: 'BROKER_UNREACHABLE', message: 'it did not answer' }`,
  );

  expect(lines).toMatchObject([
    {
      level: 'WARN',
      message: 'task failed',
      code: 'BROKER_UNREACHABLE',
      reason: 'it did not answer',
    },
  ]);
});
