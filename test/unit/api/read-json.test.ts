import { expect, test } from 'vitest';
import { readJson } from '../../../functions/api/read-json.ts';
import type { ApiRequest } from '../../../functions/api/request.ts';

function request(body: Buffer | string, type?: string): ApiRequest {
  return {
    method: 'POST',
    path: '/jobs',
    base: '',
    parameters: {},
    query: new URLSearchParams(),
    headers: type === undefined ? {} : { 'content-type': type },
    body: Buffer.from(body),
  };
}

const json = ['application/json'];

test.each([undefined, 'application/json', 'APPLICATION/JSON', 'application/json;charset=UTF-8'])(
  'a body of type %s is read',
  (type) => {
    expect(readJson(request('{"a": 1}', type), json)).toEqual({ a: 1 });
  },
);

test('no body is undefined, whatever its type', () => {
  expect(readJson(request('', 'text/plain'), json)).toBeUndefined();
});

test('bytes that are no UTF-8 are refused rather than replaced', () => {
  expect(() => readJson(request(Buffer.from([0x22, 0xff, 0x22])), json)).toThrow('must be UTF-8');
});

test.each([
  [64, true],
  [65, false],
])('nesting %i deep is allowed: %s', (depth, allowed) => {
  const read = () => readJson(request('['.repeat(depth) + ']'.repeat(depth)), json);

  if (allowed) expect(read).not.toThrow();
  else expect(read).toThrow('nested deeper than 64');
});
