import { expect } from 'vitest';
import { type ApiReply, type Call, smallSpec } from './api-calls.ts';

/** The faults that an answer tells: where, and what. */
export function faults({ body }: ApiReply): [string, string][] {
  return body.errors.map(
    ({ pointer, parameter, header, detail }: Record<string, string>) =>
      [pointer ?? parameter ?? header, detail] as [string, string],
  );
}

/** `smallSpec` with one place of it replaced. */
export function specWith(path: string, value: unknown): object {
  const spec = structuredClone(smallSpec('faulty')) as Record<string, unknown>;
  const parts = path.split('.');
  let place = spec;
  for (const part of parts.slice(0, -1)) {
    place[part] ??= {};
    place = place[part] as Record<string, unknown>;
  }
  const last = parts.at(-1)!;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return spec;
}

/** A case of a faulty specification: its name, the place and what stands there, and the fault that is told of it. */
export type FaultyPlace = [string, string, unknown, string, string];

/** That a job with this value at this place is refused for this one fault, and that no secret is repeated. */
export async function expectRefusal(call: Call, [, path, value, pointer, detail]: FaultyPlace) {
  const reply = await call('POST /jobs', { body: specWith(path, value) });

  expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(faults(reply)).toEqual([[pointer, detail]]);
  expect(reply.text).not.toContain('hunter2');
  expect(reply.headers['content-type']).toBe('application/problem+json');
}
