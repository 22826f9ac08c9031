import { describe, expect, it } from 'vitest';
import { requireAnswer } from '../../../../../functions/loader/sinks/stream-load/warehouse-link.ts';

const judged = (answer: object) => () =>
  requireAnswer({ status: 200, location: undefined, body: JSON.stringify(answer) });

describe('an answer of status 200', () => {
  it('is no refusal of the login for what the bad rows say that it quotes', () => {
    const FirstErrorMsg = 'Reason: too long. src line [{"event":"unauthorized, access denied"}]';
    expect(judged({ Status: 'Success', Message: 'OK', FirstErrorMsg })).not.toThrow();
  });

  it.each([
    [{ msg: 'Unauthorized', code: 401, data: 'no such user', count: 0 }],
    [{ Status: 'Fail', Message: '[NOT_AUTHORIZED]no valid Basic authorization' }],
    [{ msg: 'Error', code: 1, data: 'Access denied for user' }],
  ])('refuses the login by %o', (answer) => {
    expect(judged(answer)).toThrow(expect.objectContaining({ code: 'SINK_AUTH_FAILED' }));
  });
});
