import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { FunctionThrottled } from '../../../../infra/local/function-pool.ts';
import { type Gateway, startGateway } from '../../../../infra/local/gateway.ts';

const open: Gateway[] = [];

async function gateway(target: (event: { body?: string }) => Promise<unknown>) {
  const errors: unknown[] = [];
  const started = await startGateway({
    port: 0,
    target,
    clock: systemClock,
    onError: (error) => errors.push(error),
  });
  open.push(started);
  return { url: started.url, errors };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

describe('the gateway', () => {
  it('answers with what the handler says', async () => {
    const { url } = await gateway(async () => ({
      statusCode: 201,
      headers: { 'content-type': 'application/problem+json', Location: '/jobs/1' },
      cookies: ['a=1', 'b=2'],
      body: '{}',
    }));
    const response = await fetch(`${url}/jobs`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('location')).toBe('/jobs/1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('{}');
  });

  it('answers 200 with JSON when the handler gives a bare value', async () => {
    const { url } = await gateway(async () => ({ jobs: [] }));
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([200, { jobs: [] }]);
  });

  it('answers 500 without details when the handler fails, and tells its owner', async () => {
    const { url, errors } = await gateway(() => Promise.reject(new Error('secret')));
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([
      500,
      '{"message":"Internal Server Error"}',
    ]);
    expect(errors).toHaveLength(1);
  });

  it('answers 503 when the function has no room', async () => {
    const { url } = await gateway(() => Promise.reject(new FunctionThrottled('api', 3)));
    expect((await fetch(url)).status).toBe(503);
  });

  it('takes a body of 1 MiB and refuses one byte more', async () => {
    const { url } = await gateway(async ({ body }) => ({
      statusCode: 200,
      body: `${body?.length}`,
    }));
    const post = (bytes: number) => fetch(url, { method: 'POST', body: 'x'.repeat(bytes) });
    expect(await (await post(1_048_576)).text()).toBe('1048576');
    expect((await post(1_048_577)).status).toBe(413);
  });

  it('refuses what a page of another origin sends, and names that are not this machine', async () => {
    const { url } = await gateway(async () => ({ statusCode: 200 }));
    const foreign = await fetch(url, { headers: { origin: 'https://example.com' } });
    expect(foreign.status).toBe(403);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      request(url, { headers: { host: 'example.com' } }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(rebound).toBe(403);
  });

  it('says that its port is taken', async () => {
    const { url } = await gateway(async () => undefined);
    const port = Number(new URL(url).port);
    await expect(
      startGateway({ port, target: async () => '', clock: systemClock, onError: () => undefined }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
