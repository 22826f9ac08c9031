import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sink } from '../../../../functions/loader/sinks/sink.ts';
import { makeStarrocksSink } from '../../../../functions/loader/sinks/starrocks.ts';
import { warehouseLink } from '../../../../functions/loader/sinks/stream-load/warehouse-link.ts';
import { allowedHosts } from '../../../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../../../functions/shared/clock.ts';
import { type JobSpecInput, jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { SECRET, type SinkOver, sinkOver } from '../../../support/doris/sink-over.ts';
import {
  type StarrocksDouble,
  startStarrocks,
} from '../../../support/starrocks/starrocks-double.ts';

const LABEL = 'rl_01JOB_01TASK_1';
const ROWS = ['{"n":1}', '{"n":2}', '{"n":3}'];

let starrocks: StarrocksDouble;
beforeEach(async () => {
  starrocks = await startStarrocks({ frontends: 2, backends: 1 });
});
afterEach(() => starrocks.close());

type Starrocks = Partial<NonNullable<JobSpecInput['destination']['starrocks']>>;

const destination = (more: Starrocks = {}) => ({
  starrocks: {
    frontends: starrocks.addresses(),
    tls: false,
    database: 'air',
    table: 'flights',
    secretArn: SECRET,
    ...more,
  },
});

const sink = (more: Starrocks = {}, options: Partial<SinkOver> = {}): Sink =>
  sinkOver({ login: starrocks.login, destination: destination(more), ...options });

const chunk = (rows: readonly string[]) => Buffer.from(rows.map((row) => `${row}\n`).join(''));

async function prepare(on: Sink, rows: readonly string[] = ROWS) {
  const writer = await on.open(LABEL);
  await writer.write(chunk(rows));
  return { handle: await writer.prepare(), judged: writer.judged?.() };
}

const visible = () => starrocks.transactions.visible('flights');
const states = () => starrocks.transactions.all.map(({ state }) => state);

describe('a load into StarRocks', () => {
  it('is invisible until it is committed, and there once however often it is', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    expect(states()).toEqual(['PRECOMMITTED']);
    expect(visible()).toEqual([]);

    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
    expect(visible()).toEqual(ROWS);
  });

  it('goes by way of the leader to a backend, which alone gets the rows', async () => {
    await prepare(sink());
    const steps = starrocks.seen.map(({ server, method, path }) => `${server} ${method} ${path}`);
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
    const { login } = starrocks;
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
    const loads = starrocks.seen.filter(
      ({ server, path }) => server === 'be0' && path.includes('/load'),
    );
    expect(loads).toHaveLength(2);
  });

  it('names the mark of rows that delete among the columns, of each load and only where they delete', async () => {
    // https://docs.starrocks.io/docs/loading/Load_to_Primary_Key_tables: Stream Load knows __op by `columns` alone.
    const named = async (tombstone: 'delete' | 'null', label: string) => {
      const more = { columns: 'n, m = n + 1', policies: { tombstone } };
      const writer = await sink({ keyColumns: ['n'] }, { more }).open(label);
      await writer.write(chunk(ROWS));
      await writer.prepare();
      const loads = starrocks.seen.filter(
        ({ headers, path }) => headers.label === label && path.endsWith('/load'),
      );
      return [...new Set(loads.map(({ headers }) => headers.columns))];
    };
    expect(await named('delete', `${LABEL}1`)).toEqual(['n, m = n + 1, __op']);
    expect(await named('null', `${LABEL}2`)).toEqual(['n, m = n + 1']);
  });

  it('passes the settings of a job on by the names of StarRocks', async () => {
    await prepare(
      sink(
        {
          partialUpdate: true,
          partialUpdateMode: 'column',
          mergeCondition: 'seq',
          ignoreJsonSize: true,
          loadMemLimit: 1_000_000,
          logRejectedRecordNum: 5,
          warehouse: 'wh',
          idleTimeoutSeconds: 30,
          preparedTimeoutSeconds: 3_600,
          timeoutSeconds: 60,
        },
        { more: { columns: 'n, late = n > 15', where: 'n > 0' } },
      ),
    );
    const headersOf = (step: string) =>
      starrocks.seen.findLast(({ path }) => path.includes(step))?.headers;
    expect(headersOf('begin')).toMatchObject({
      db: 'air',
      table: 'flights',
      label: LABEL,
      timeout: '60',
      idle_transaction_timeout: '30',
      warehouse: 'wh',
    });
    expect(headersOf('load')).toMatchObject({
      format: 'json',
      columns: 'n, late = n > 15',
      where: 'n > 0',
      partial_update: 'true',
      partial_update_mode: 'column',
      merge_condition: 'seq',
      ignore_json_size: 'true',
      load_mem_limit: '1000000',
      log_rejected_record_num: '5',
      max_filter_ratio: '1',
    });
    expect(headersOf('prepare')).toMatchObject({ prepared_timeout: '3600' });
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
    starrocks.rules.bad = (row) => (row.includes('"n":2') ? 'Value of n is wrong' : undefined);
    starrocks.rules.unselected = (row) => row.includes('"n":3');
    const { judged } = await prepare(sink());
    expect(judged).toEqual({
      total: 3,
      rejected: 1,
      unselected: 1,
      examples: [{ reason: 'Value of n is wrong', excerpt: '{"n":2}' }],
    });
  });

  it('may have no row left: an empty commit', async () => {
    starrocks.rules.unselected = () => true;
    const on = sink();
    const { handle, judged } = await prepare(on);
    expect(judged).toMatchObject({ total: 3, unselected: 3 });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
  });
});

describe('F15: an answer to prepare that is lost', () => {
  it('fails the attempt, and what was prepared is rolled back', async () => {
    const on = sink();
    starrocks.failNext('lose-prepare-answer');
    starrocks.failNext('lose-prepare-answer');
    starrocks.failNext('lose-prepare-answer');
    starrocks.failNext('lose-prepare-answer');
    const writer = await on.open(LABEL);
    await writer.write(chunk(ROWS));
    await expect(writer.prepare()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await writer.discard();
    expect(states()).toEqual(['ABORTED']);
  });

  it.each([
    ['PREPARED', 'PRECOMMITTED'],
    ['RUNNING', 'PREPARE'],
  ] as const)('gives up a label that is %s already', async (_, state) => {
    const held = starrocks.transactions.begin(LABEL, 'flights');
    if (held !== 'label-exists') held.state = state;
    await expect(sink().open(LABEL)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    expect(states()).toEqual(['ABORTED']);
  });

  it('never loads again under a label that is FINISHED', async () => {
    const held = starrocks.transactions.begin(LABEL, 'flights');
    if (held !== 'label-exists') held.state = 'VISIBLE';
    await expect(sink().open(LABEL)).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
    await expect(sink().abort(LABEL)).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
  });
});

describe('F16: a commit whose answer is lost', () => {
  it('is found out by doing it again', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    starrocks.failNext('lose-commit-answer');
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
    expect(visible()).toEqual(ROWS);
  });

  it('counts as done when it is only not published everywhere', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    starrocks.failNext('commit-publish-timeout');
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
  });
});

describe('F17: a transaction that StarRocks has given up or forgotten', () => {
  it.each(['state', 'data'] as const)('is in doubt, as its label says in "%s"', async (style) => {
    starrocks.stateStyle = style;
    const on = sink();
    const { handle } = await prepare(on);
    starrocks.transactions.expirePrepared();
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('not in the table'),
    });
    starrocks.transactions.forget(LABEL);
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('nobody knows'),
    });
  });

  it('can be tried again while nothing is decided', async () => {
    starrocks.failNext('gone-before-prepare');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });
});

describe('F18: servers that are down', () => {
  it('are passed over while a leader is left', async () => {
    await starrocks.frontends[0]?.stop();
    const on = sink();
    const { handle } = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
  });

  it('make a commit wait, which another finisher can make later', async () => {
    const { handle } = await prepare(sink());
    for (let i = 0; i < 4; i += 1) starrocks.failNext('die-before-commit');
    expect(await sink().commit(handle)).toMatchObject({ kind: 'retry-later' });
    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
  });

  it('are not up when something before them answers in their stead', async () => {
    const { handle } = await prepare(sink());
    for (let i = 0; i < 4; i += 1) starrocks.failNext('unavailable');
    expect(await sink().commit(handle)).toMatchObject({ kind: 'retry-later' });
    for (let i = 0; i < 4; i += 1) starrocks.failNext('unavailable');
    await expect(sink().open('rl_a_c_1')).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });

  it('fail an attempt whose backend dies in the load', async () => {
    starrocks.failNext('die-in-load');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });

  it('get no credentials when a redirect leads to a foreign one', async () => {
    const foreign = await startStarrocks();
    starrocks.redirectTo = `localhost:${foreign.backends[0]!.port}`;
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_REJECTED' });
    expect(foreign.seen).toEqual([]);
    await foreign.close();
  });
});

it('too many versions are back-pressure, and a wrong login is told', async () => {
  starrocks.failNext('too-many-versions');
  await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_THROTTLED' });
  const wrong = { user: 'loader', password: 'wrong' };
  await expect(sink({}, { login: wrong }).open('rl_a_b_1')).rejects.toMatchObject({
    code: 'SINK_AUTH_FAILED',
  });
});
