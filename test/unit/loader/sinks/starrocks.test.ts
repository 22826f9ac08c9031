import { describe, expect, it } from 'vitest';
import { makeStarrocksSink } from '../../../../functions/loader/sinks/starrocks.ts';
import { warehouseLink } from '../../../../functions/loader/sinks/stream-load/warehouse-link.ts';
import { allowedHosts } from '../../../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../../../functions/shared/clock.ts';
import { jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { starrocksUnderTest } from './starrocks/starrocks-under-test.ts';
import { chunk, LABEL, prepare, ROWS } from './stream-load/prepared-rows.ts';
import { describeWarehouse } from './stream-load/warehouse-promises.ts';

const { destination, starrocks, sink, states, visible } = starrocksUnderTest();

describeWarehouse({ warehouse: starrocks, sink, states, visible });

describe('a load into StarRocks', () => {
  it('goes by way of the leader to a backend, which alone gets the rows', async () => {
    await prepare(sink());
    const steps = starrocks().seen.map(({ server, method, path }) => `${server} ${method} ${path}`);
    expect(steps).toEqual([
      'fe0 POST /api/transaction/begin',
      'fe1 POST /api/transaction/begin',
      'fe0 PUT /api/transaction/load',
      'fe1 PUT /api/transaction/load',
      'be0 PUT /api/transaction/load',
      'fe0 POST /api/transaction/prepare',
      'fe1 POST /api/transaction/prepare',
    ]);
  });

  it('goes on with another load of the same transaction when one is large enough', async () => {
    const { login } = starrocks();
    const spec = jobSpec.parse({
      name: 'flights',
      source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
      destination: destination(),
    });
    const { frontends } = destination().starrocks;
    const on = makeStarrocksSink({
      spec,
      destination: spec.destination.starrocks!,
      link: warehouseLink({
        outbound: {
          allowed: allowedHosts(['127.0.0.1'], 'destinations'),
          clock: systemClock,
          connectTimeoutMs: 1_000,
          requestTimeoutMs: 5_000,
        },
        frontends,
        tls: false,
        login: async () => ({ username: login.user, password: login.password }),
        loginRefused: () => {},
        mostHops: 2,
      }),
      clock: systemClock,
      loadBytes: 16,
    });
    const writer = await on.open(LABEL);
    for (const row of ROWS) await writer.write(chunk([row]));
    const handle = await writer.prepare();
    expect(writer.judged?.()).toMatchObject({ total: 3, rejected: 0 });
    await on.commit(handle);
    expect(visible()).toEqual(ROWS);
    const loads = starrocks().seen.filter(
      ({ server, path }) => server === 'be0' && path.includes('/load'),
    );
    expect(loads).toHaveLength(2);
  });

  it('leaves nothing behind when it is discarded or aborted', async () => {
    const on = sink();
    await on.abort(LABEL);
    const writer = await on.open(LABEL);
    await writer.write(chunk(ROWS));
    await writer.discard();
    await on.abort(LABEL);
    expect(states()).toEqual(['ABORTED']);
  });

  it('counts what StarRocks rejects and leaves out, with examples', async () => {
    starrocks().rules.bad = (row) => (row.includes('"n":2') ? 'Value of n is wrong' : undefined);
    starrocks().rules.unselected = (row) => row.includes('"n":3');
    const { judged } = await prepare(sink());
    expect(judged).toEqual({
      total: 3,
      rejected: 1,
      unselected: 1,
      examples: [{ reason: 'Value of n is wrong', excerpt: '{"n":2}' }],
      listed: [],
    });
  });

  it('may have no row left: an empty commit', async () => {
    starrocks().rules.unselected = () => true;
    const on = sink();
    const { handle, judged } = await prepare(on);
    expect(judged).toMatchObject({ total: 3, unselected: 3 });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
  });
});
