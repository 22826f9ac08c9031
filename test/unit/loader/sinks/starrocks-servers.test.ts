import { describe, expect, it } from 'vitest';
import { startStarrocks } from '../../../support/starrocks/starrocks-double.ts';
import { starrocksUnderTest } from './starrocks/starrocks-under-test.ts';
import { prepare } from './stream-load/prepared-rows.ts';

const { sink, starrocks } = starrocksUnderTest();

describe('F18: servers that are down', () => {
  it('are passed over while a leader is left', async () => {
    await starrocks().frontends[0]?.stop();
    const on = sink();
    const { handle } = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
  });

  it('fail an attempt whose backend dies in the load', async () => {
    starrocks().failNext('die-in-load');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });

  it('get no credentials when a redirect leads to a foreign one', async () => {
    const foreign = await startStarrocks();
    starrocks().redirectTo = `localhost:${foreign.backends[0]!.port}`;
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_REJECTED' });
    expect(foreign.seen).toEqual([]);
    await foreign.close();
  });
});

it('too many versions are back-pressure, and a wrong login is told', async () => {
  starrocks().failNext('too-many-versions');
  await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_THROTTLED' });
  const wrong = { user: 'loader', password: 'wrong' };
  await expect(sink({}, { login: wrong }).open('rl_a_b_1')).rejects.toMatchObject({
    code: 'SINK_AUTH_FAILED',
  });
});
