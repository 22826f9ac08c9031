import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sink } from '../../../../functions/loader/sinks/sink.ts';
import { systemClock } from '../../../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../../../functions/shared/domain/job-spec.ts';
import { type DorisDouble, startDoris } from '../../../support/doris/doris-double.ts';
import { SECRET, type SinkOver, sinkOver } from '../../../support/doris/sink-over.ts';

const LABEL = 'rl_01JOB_01TASK_1';
const ROWS = ['{"n":1}', '{"n":2}', '{"n":3}'];

let doris: DorisDouble;
beforeEach(async () => {
  doris = await startDoris({ frontends: 2, backends: 2 });
});
afterEach(() => doris.close());

type Doris = Partial<NonNullable<JobSpecInput['destination']['doris']>>;

function sink(more: Doris = {}, options: Partial<SinkOver> = {}): Sink {
  const frontends = doris.addresses();
  return sinkOver({
    login: doris.login,
    destination: {
      doris: {
        frontends,
        tls: false,
        database: 'air',
        table: 'flights',
        secretArn: SECRET,
        ...more,
      },
    },
    ...options,
  });
}

const chunk = (rows: readonly string[]) => Buffer.from(rows.map((row) => `${row}\n`).join(''));

async function prepare(on: Sink, rows: readonly string[] = ROWS, label = LABEL) {
  const writer = await on.open(label);
  await writer.write(chunk(rows));
  return { handle: await writer.prepare(), judged: writer.judged?.() };
}

const visible = () => doris.transactions.visible('flights');
const states = () => doris.transactions.all.map(({ state }) => state);

describe('a load into Doris', () => {
  it('is invisible until it is committed, and there once however often it is', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    expect(states()).toEqual(['PRECOMMITTED']);
    expect(visible()).toEqual([]);

    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
    expect(visible()).toEqual(ROWS);
  });

  it('asks a frontend without a body, and sends the rows to the backend alone', async () => {
    await prepare(sink());
    const [probe, load] = doris.seen;
    expect(probe?.server).toMatch(/^fe/);
    expect(probe?.headers).toMatchObject({ expect: '100-continue', 'content-length': '0' });
    expect(load?.server).toMatch(/^be/);
    expect(load?.headers['transfer-encoding']).toBe('chunked');
    expect(load?.headers['content-length']).toBeUndefined();
    expect(load?.headers.label).toBe(LABEL);
  });

  it('takes more rows than any buffer holds, in order', async () => {
    const on = sink();
    const writer = await on.open(LABEL);
    const row = (i: number) => JSON.stringify({ i, filler: 'x'.repeat(1_000) });
    for (let part = 0; part < 20; part += 1) {
      await writer.write(chunk(Array.from({ length: 500 }, (_, i) => row(part * 500 + i))));
    }
    await on.commit(await writer.prepare());
    expect(visible()).toHaveLength(10_000);
    expect(visible()[9_999]).toBe(row(9_999));
  });

  it('holds the reader of Kafka back where a backend takes its time', async () => {
    let taken = 0;
    doris.onBytes = async (count) => {
      await new Promise((resolve) => setImmediate(resolve));
      taken += count;
    };
    const writer = await sink({}, { more: { format: { type: 'raw' } } }).open(LABEL);
    const row = Buffer.alloc(1_048_576, '"x",'.repeat(4)).fill(10, 1_048_575);
    let ahead = 0;
    for (let written = 1; written <= 100; written += 1) {
      await writer.write(row);
      ahead = Math.max(ahead, written * row.length - taken);
    }
    await writer.discard();
    expect(ahead).toBeLessThan(16 * row.length);
  });

  it('may get no rows for longer than the destination is waited for', async () => {
    const requestTimeoutMs = 50;
    const writer = await sink({}, { requestTimeoutMs }).open(LABEL);
    const opened = systemClock.now();
    // Other loads take their time meanwhile.
    for (let i = 0; systemClock.now() - opened < 2 * requestTimeoutMs; i += 1) {
      await prepare(sink(), ROWS, `${LABEL}${i}`);
    }
    await writer.write(chunk(ROWS));
    await writer.prepare();
    expect(new Set(states())).toEqual(new Set(['PRECOMMITTED']));
  });

  it('is given up when the destination takes longer than it is waited for', async () => {
    doris.onBytes = () => new Promise(() => {});
    const writer = await sink({}, { requestTimeoutMs: 30 }).open(LABEL);
    await writer.write(chunk(ROWS));
    await expect(writer.prepare()).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringContaining('did not answer in time'),
    });
  });

  it.each([
    [undefined, { hidden_columns: '__DORIS_DELETE_SIGN__' }, 'columns'],
    ['n, m', { columns: 'n, m, __DORIS_DELETE_SIGN__' }, 'hidden_columns'],
  ])('is told of the mark of rows that delete, with columns %s', async (columns, told, absent) => {
    const policies = { tombstone: 'delete' as const };
    await prepare(sink({ keyColumns: ['n'] }, { more: { columns, policies } }));
    const headers = doris.seen.find(({ server }) => server.startsWith('be'))?.headers;
    expect(headers).toMatchObject(told);
    expect(headers).not.toHaveProperty(absent);
  });

  it('passes the settings of a job on as headers, in UTF-8', async () => {
    await prepare(
      sink(
        {
          mergeType: 'MERGE',
          deleteOn: 'gone = 1',
          sequenceColumn: 'seq',
          uniqueKeyUpdateMode: 'UPDATE_FIXED_COLUMNS',
          strictMode: true,
          timezone: 'Europe/Berlin',
          partitions: ['p1', 'p2'],
          sendBatchParallelism: 2,
          loadToSingleTablet: true,
          execMemLimit: 1_000_000,
          timeoutSeconds: 60,
          computeGroup: 'cg',
        },
        {
          more: {
            format: { type: 'json', jsonPaths: ['$.n', '$.straße'] },
            columns: 'n, late = n > 15',
            where: "name <> 'Zürich'",
          },
        },
      ),
    );
    const headers = doris.seen.find(({ server }) => server.startsWith('be'))?.headers ?? {};
    const text = (name: string) => Buffer.from(String(headers[name]), 'latin1').toString();
    expect(headers).toMatchObject({
      format: 'json',
      read_json_by_line: 'true',
      two_phase_commit: 'true',
      max_filter_ratio: '1',
      columns: 'n, late = n > 15',
      merge_type: 'MERGE',
      delete: 'gone = 1',
      'function_column.sequence_col': 'seq',
      unique_key_update_mode: 'UPDATE_FIXED_COLUMNS',
      strict_mode: 'true',
      timezone: 'Europe/Berlin',
      partitions: 'p1,p2',
      send_batch_parallelism: '2',
      load_to_single_tablet: 'true',
      exec_mem_limit: '1000000',
      timeout: '60',
      compute_group: 'cg',
    });
    expect(text('where')).toBe("name <> 'Zürich'");
    expect(text('jsonpaths')).toBe('["$.n","$.straße"]');
  });

  it('says the dialect of CSV values, and a separator of white space so that no hop trims it', async () => {
    const format = {
      type: 'csv' as const,
      columnSeparator: '\t',
      escape: '\\',
      columns: ['a', 'b'],
    };
    await prepare(sink({ trimDoubleQuotes: true, emptyFieldAsNull: true }, { more: { format } }));
    const headers = doris.seen.find(({ server }) => server.startsWith('be'))?.headers;
    expect(headers).toMatchObject({
      format: 'csv',
      column_separator: '\\x09',
      enclose: '"',
      escape: '\\',
      columns: 'a,b',
      trim_double_quotes: 'true',
      empty_field_as_null: 'true',
    });
    expect(headers?.read_json_by_line).toBeUndefined();
  });

  it('leaves nothing behind when it is discarded', async () => {
    const writer = await sink().open(LABEL);
    await writer.write(chunk(ROWS));
    await writer.discard();
    expect(states()).toEqual(['ABORTED']);
  });

  it('is aborted by its label, prepared or not there at all', async () => {
    const on = sink();
    await on.abort(LABEL);
    await prepare(on);
    await on.abort(LABEL);
    await on.abort(LABEL);
    expect(states()).toEqual(['ABORTED']);
    expect(visible()).toEqual([]);
  });
});

describe('rows that Doris rejects', () => {
  it('are counted beside those that where leaves out, with examples from its error log', async () => {
    doris.rules.bad = (row) =>
      row.includes('"n":2') ? 'column_name[n], the value is out of range' : undefined;
    doris.rules.unselected = (row) => row.includes('"n":3');
    const rows = [...ROWS, '{"n":2,"_partition":4,"_offset":17}', 'no json'];
    const { judged } = await prepare(sink(), rows);
    expect(judged).toMatchObject({ total: 5, rejected: 3, unselected: 1 });
    expect(judged?.examples).toEqual([
      {
        column: 'n',
        reason: 'column_name[n], the value is out of range',
        excerpt: '{"n":2}',
      },
      {
        partition: 4,
        offset: '17',
        column: 'n',
        reason: 'column_name[n], the value is out of range',
        excerpt: '{"n":2,"_partition":4,"_offset":17}',
      },
      expect.objectContaining({ excerpt: 'no json' }),
    ]);
  });

  it('may be all of a slice: an empty commit, which needs no transaction', async () => {
    doris.rules.unselected = () => true;
    const on = sink();
    const { handle, judged } = await prepare(on);
    expect(judged).toMatchObject({ total: 3, rejected: 0, unselected: 3 });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(states()).toEqual(['ABORTED']);
  });
});

describe('F15: an answer to prepare that is lost', () => {
  it('gives up what was prepared, so that the next attempt finds nothing', async () => {
    doris.failNext('lose-load-answer');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    expect(states()).toEqual(['ABORTED']);
  });

  it('stays for the next attempt where Doris does not answer at all', async () => {
    const on = sink();
    const writer = await on.open(LABEL);
    await writer.write(chunk(ROWS));
    await Promise.all(doris.frontends.map((frontend) => frontend.stop()));
    doris.failNext('lose-load-answer');
    await expect(writer.prepare()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await writer.discard();
    expect(states()).toEqual(['PRECOMMITTED']);
    expect(visible()).toEqual([]);
  });

  it.each([
    ['PRECOMMITTED', 'PRECOMMITTED'],
    ['RUNNING', 'PREPARE'],
  ] as const)('gives up a label that is %s already', async (_, state) => {
    const held = doris.transactions.begin(LABEL, 'flights');
    if (held !== 'label-exists') held.state = state;
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    expect(states()).toEqual(['ABORTED']);
  });

  it('never loads again under a label that is FINISHED', async () => {
    const held = doris.transactions.begin(LABEL, 'flights');
    if (held !== 'label-exists') held.state = 'VISIBLE';
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
    await expect(sink().abort(LABEL)).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
    expect(states()).toEqual(['VISIBLE']);
  });

  it('is told from a load that was committed at once, which nothing can make exactly once', async () => {
    doris.failNext('ignore-two-phases');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
  });
});

describe('F16: a commit whose answer is lost', () => {
  it.each(['new', 'old', 'capital'] as const)(
    'is found out by doing it again, in the %s texts',
    async (style) => {
      doris.texts = style;
      const on = sink();
      const { handle } = await prepare(on);
      doris.failNext('lose-commit-answer');
      const first = await on.commit(handle);
      // The second frontend is asked at once, and says that it is done.
      expect(first).toEqual({ kind: 'already-committed' });
      expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
      expect(visible()).toEqual(ROWS);
    },
  );

  it('counts as done when it is only not published everywhere', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    doris.failNext('commit-publish-timeout');
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(visible()).toEqual(ROWS);
  });
});

describe('F17: a transaction that Doris has given up or forgotten', () => {
  it('is in doubt when it was aborted behind the decision', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    doris.transactions.expirePrepared();
    const outcome = await on.commit(handle);
    expect(outcome).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('not in the table'),
    });
    expect(visible()).toEqual([]);
  });

  it('is in doubt when its label is forgotten, whether or not it was committed', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    await on.commit(handle);
    doris.transactions.forget(LABEL);
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('nobody knows'),
    });
    expect(visible()).toEqual(ROWS);
  });

  it('asks the master for a label when another frontend was asked', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    doris.transactions.expirePrepared();
    doris.failNext('state-at-master');
    expect(await on.commit(handle)).toMatchObject({ kind: 'in-doubt' });
  });
});

describe('F18: servers that are down', () => {
  it('are passed over: the next frontend, and the next backend', async () => {
    await doris.frontends[0]?.stop();
    await doris.backends[1]?.stop();
    const on = sink();
    const { handle } = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(visible()).toEqual(ROWS);
  });

  it('make a commit wait, which another finisher can make later', async () => {
    const { handle } = await prepare(sink());
    for (let i = 0; i < 4; i += 1) doris.failNext('die-before-commit');
    expect(await sink().commit(handle)).toMatchObject({ kind: 'retry-later' });
    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
  });

  it('are not up when something before them answers in their stead', async () => {
    const { handle } = await prepare(sink());
    for (let i = 0; i < 4; i += 1) doris.failNext('unavailable');
    expect(await sink().commit(handle)).toMatchObject({ kind: 'retry-later' });
    for (let i = 0; i < 4; i += 1) doris.failNext('unavailable');
    await expect(sink().open('rl_a_c_1')).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });

  it('fail an attempt whose backend dies behind the redirect', async () => {
    doris.failNext('die-in-load');
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
    doris.redirectTo = `localhost:${foreign.backends[0]!.port}`;
    const refused = expect(sink().open(LABEL)).rejects;
    await refused.toMatchObject({
      code: 'SINK_REJECTED',
      message: expect.stringContaining('localhost'),
    });
    expect(foreign.seen).toEqual([]);
    await foreign.close();
  });

  it('never shows the password that stands in it', async () => {
    doris.redirectTo = 'localhost:1';
    const failure = await sink()
      .open(LABEL)
      .then(
        () => undefined,
        (error: Error) => error,
      );
    expect(failure?.message).not.toContain(doris.login.password);
    expect(JSON.stringify(failure)).not.toContain(doris.login.password);
  });

  it('is not even waited for from a server that speaks no TLS where the job demands it', async () => {
    await expect(sink({ tls: true }).open(LABEL)).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
    });
    expect(doris.seen).toEqual([]);
  });

  it('out of TLS is refused unless the job asks for it', async () => {
    const { redirectTarget } = await import(
      '../../../../functions/loader/sinks/stream-load/redirect.ts'
    );
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
    doris.failNext(fault);
    for (let i = 0; fault === 'no-backend' && i < 3; i += 1) doris.failNext(fault);
    await expect(prepare(sink())).rejects.toMatchObject({ code });
    expect(visible()).toEqual([]);
  });

  it('of a login is tried again with what the secret holds by now, and then told', async () => {
    const good = { username: doris.login.user, password: doris.login.password };
    const bad = { username: 'loader', password: 'old' };
    await prepare(sink({}, { logins: [bad, good] }));
    expect(states()).toEqual(['PRECOMMITTED']);
    await expect(prepare(sink({}, { logins: [bad] }), ROWS, `${LABEL}1`)).rejects.toMatchObject({
      code: 'SINK_AUTH_FAILED',
    });
  });
});
