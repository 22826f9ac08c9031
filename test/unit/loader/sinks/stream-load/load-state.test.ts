import { expect, it } from 'vitest';
import { readLabelState } from '../../../../../functions/loader/sinks/stream-load/load-state.ts';

it.each([
  ['{"msg":"success","code":0,"data":"VISIBLE","count":0}', 'VISIBLE'],
  ['{"code":"0","msg":"Success","data":"UNKNOWN"}', 'UNKNOWN'],
  ['{"state":"PREPARED","status":"OK"}', 'PREPARED'],
  ['{"msg":"Error","code":1,"data":"unknown database","count":0}', undefined],
  ['{"msg":"Bad Request","code":403,"data":"No label selected","count":0}', undefined],
  ['oops', undefined],
])('the state of a label in %s is %s', (body, state) => {
  expect(readLabelState(body)).toBe(state);
});
