import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowedHosts } from '../../../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../../../functions/shared/clock.ts';
import {
  askAliveWorkers,
  readHealth,
} from '../../../../functions/shared/warehouse/alive-workers.ts';
import { type DorisDouble, startDoris } from '../../../support/doris/doris-double.ts';

const outbound = {
  allowed: allowedHosts(['127.0.0.1'], 'destinations'),
  clock: systemClock,
  connectTimeoutMs: 1_000,
  requestTimeoutMs: 1_000,
};

describe('alive workers', () => {
  let doris: DorisDouble;
  beforeEach(async () => {
    doris = await startDoris({ frontends: 2, backends: 2 });
  });
  afterEach(() => doris.close());

  it('are told by the next frontend when the first is down, without a login', async () => {
    await doris.frontends[0]?.stop();
    const frontends = doris.addresses();
    expect(await askAliveWorkers(outbound, { frontends, tls: false })).toBe(2);
    expect(doris.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('may be none, which is not the same as unknown', async () => {
    doris.aliveBackends = 0;
    expect(await askAliveWorkers(outbound, { frontends: doris.addresses(), tls: false })).toBe(0);
  });

  it('cannot be asked of a frontend that is down, or not allowed', async () => {
    const asked = (frontend: string) =>
      askAliveWorkers(outbound, { frontends: [frontend], tls: false });
    await expect(asked('127.0.0.1:1')).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await expect(asked('169.254.169.254:80')).rejects.toMatchObject({ code: 'SINK_REJECTED' });
  });
});

it.each([
  ['{"msg":"success","code":0,"data":{"online_backend_num":10,"total_backend_num":12}}', 10],
  ['{"online_backend_num":"1","total_backend_num":"1","status":"OK"}', 1],
  ['{"online_backend_num":0,"total_backend_num":0,"status":"OK"}', undefined],
  ['{"msg":"Unauthorized","code":401,"data":"no"}', undefined],
  ['null', undefined],
  ['oops', undefined],
])('health %s tells of %s workers', (body, workers) => {
  expect(readHealth(body)).toBe(workers);
});
