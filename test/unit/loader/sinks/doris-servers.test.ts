import { describe, expect, it } from 'vitest';
import { redirectTarget } from '../../../../functions/loader/sinks/stream-load/redirect.ts';
import { startDoris } from '../../../support/doris/doris-double.ts';
import { dorisUnderTest } from './doris/doris-under-test.ts';
import { chunk, LABEL, prepare, ROWS } from './stream-load/prepared-rows.ts';

const { sink, states, doris, visible } = dorisUnderTest();

describe('F18: servers that are down', () => {
  it('are passed over: the next frontend, and the next backend', async () => {
    await doris().frontends[0]?.stop();
    await doris().backends[1]?.stop();
    const on = sink();
    const { handle } = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(visible()).toEqual(ROWS);
  });

  it('fail an attempt whose backend dies behind the redirect', async () => {
    doris().failNext('die-in-load');
    const writer = await sink().open(LABEL);
    const rest = async () => {
      await writer.write(chunk(ROWS));
      return writer.prepare();
    };
    await expect(rest()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await writer.discard();
    expect(visible()).toEqual([]);
  });

  it('are waited for no longer than the timeout', async () => {
    const on = sink({ frontends: ['127.0.0.1:1'] });
    await expect(on.open(LABEL)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });
});

describe('a redirect', () => {
  it('F18: to a foreign host is refused, and gets no credentials', async () => {
    const foreign = await startDoris();
    doris().redirectTo = `localhost:${foreign.backends[0]!.port}`;
    const refused = expect(sink().open(LABEL)).rejects;
    await refused.toMatchObject({
      code: 'SINK_REJECTED',
      message: expect.stringContaining('localhost'),
    });
    expect(foreign.seen).toEqual([]);
    await foreign.close();
  });

  it('never shows the password that stands in it', async () => {
    doris().redirectTo = 'localhost:1';
    const failure = await sink()
      .open(LABEL)
      .then(
        () => undefined,
        (error: Error) => error,
      );
    expect(failure?.message).not.toContain(doris().login.password);
    expect(JSON.stringify(failure)).not.toContain(doris().login.password);
  });

  it('is not even waited for from a server that speaks no TLS where the job demands it', async () => {
    await expect(sink({ tls: true }).open(LABEL)).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
    });
    expect(doris().seen).toEqual([]);
  });

  it('out of TLS is refused unless the job asks for it', async () => {
    const from = { host: 'fe', port: 8030, tls: true };
    const location = 'http://user:secret@be:8040/api/a/b/_stream_load?';
    expect(() => redirectTarget(location, from, true)).toThrow(/without TLS/);
    expect(redirectTarget(location, from, 'frontends').endpoint).toEqual({
      host: 'be',
      port: 8040,
      tls: false,
    });
  });
});

describe('a refusal of Doris', () => {
  it.each([
    ['too-many-versions', 'SINK_THROTTLED'],
    ['no-backend', 'SINK_UNREACHABLE'],
  ] as const)('for %s is %s', async (fault, code) => {
    doris().failNext(fault);
    for (let i = 0; fault === 'no-backend' && i < 3; i += 1) doris().failNext(fault);
    await expect(prepare(sink())).rejects.toMatchObject({ code });
    expect(visible()).toEqual([]);
  });

  it('of a login is tried again with what the secret holds by now, and then told', async () => {
    const good = { username: doris().login.user, password: doris().login.password };
    const bad = { username: 'loader', password: 'old' };
    await prepare(sink({}, { logins: [bad, good] }));
    expect(states()).toEqual(['PRECOMMITTED']);
    await expect(prepare(sink({}, { logins: [bad] }), ROWS, `${LABEL}1`)).rejects.toMatchObject({
      code: 'SINK_AUTH_FAILED',
    });
  });
});
