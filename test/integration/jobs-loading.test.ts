import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { LoaderDeps } from '../../functions/loader/loader-deps.ts';
import { type Clock, systemClock } from '../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { taskKey } from '../../functions/shared/store/task-record.ts';
import type { Gateway } from '../../infra/local/gateway.ts';
import { type RunOptions, runJobs, serveApi } from '../support/jobs-command.ts';
import { type HereOptions, jobsHere } from '../support/jobs-here.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** What the command shows and does while jobs load, on a real broker. */

const brokers = inject('kafkaBrokers');
let tables: Tables;
let product: Product;
let api: Gateway;

beforeEach(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  api = await serveApi(tables);
});
afterEach(async () => {
  await api.close();
  await product.close();
});

const jobs = (words: string, options: RunOptions = {}) =>
  runJobs(words.split(' '), { url: api.url, ...options });
const here = (words: string, options: HereOptions = {}) =>
  jobsHere(words.split(' '), { url: api.url, ...options });

/** A job `flights` over a topic with these values, on two partitions in turn. @returns its id */
async function jobOf(values: readonly string[], more: Partial<JobSpecInput> = {}): Promise<string> {
  const topic = await createTopic(brokers, { partitions: 2 });
  await produce(brokers, topic, {
    records: values.map((value, i) => ({ partition: i % 2, value })),
  });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: 'flights' } },
    ...more,
  });
  return id;
}

const THREE = ['{"n":0}', '{"n":1}', '{"n":2}'];

/** Lines with their runs of blanks as one. */
const linesOf = (text: string) => text.split('\n').map((line) => line.trim().replace(/ +/g, ' '));

/** A clock that takes no time: what would wait does the next step instead. */
function steppedClock(steps: (() => unknown)[]): Clock {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    sleep: async (ms) => {
      ahead += ms;
      await steps.shift()?.();
    },
  };
}

describe('a job that has loaded', () => {
  it('shows its progress, its tasks and its proof, and verify ends with 1 when a task is missing', async () => {
    const id = await jobOf(THREE);
    await product.settle(id);

    const shown = linesOf((await jobs('show flights')).out);
    expect(shown[0]).toBe(`flights ${id}`);
    expect(shown[1]).toMatch(/^state RUNNING, /);
    expect(shown).toContainEqual(expect.stringMatching(/^loads topic \S+ into file flights$/));
    expect(shown).toContainEqual(expect.stringMatching(/^loaded 3 rows, 21 B, in [12] tasks?$/));
    expect(shown).toContainEqual(expect.stringMatching(/^speed [\d,]+ rows\/s, /));
    expect(shown).toEqual(
      expect.arrayContaining([
        'lag 0 records',
        'in flight no task',
        'partition next offset log end lag',
        '0 2 2 0',
        '1 1 1 0',
      ]),
    );
    const tasks = linesOf((await here('tasks flights')).out);
    expect(tasks[0]).toBe('task lane status try offsets rows bad bytes planned took error');
    expect(tasks[1]).toMatch(/^[0-9A-Z]{26} \d DONE 1 [12] [12] 0 \d+ B (.+ ago|in .+|now) /);

    const exact = await jobs('verify flights');
    expect(exact.code).toBe(0);
    expect(linesOf(exact.out).slice(1)).toEqual([
      'partition start proven from committed rows filtered rejected skipped holes tasks',
      '0 0 0 2 2 0 0 0 0 1',
      '1 0 0 1 1 0 0 0 0 1',
      'all 3 3 0 0 0 0 2',
      '3 offsets = 3 rows + 0 filtered + 0 rejected + 0 skipped + 0 holes',
      'complete: every offset from start to committed was loaded by exactly one task',
      '',
    ]);
    const [first] = await product.tasks(id);
    await tables.write({ kind: 'delete', key: taskKey(id, first!.id), condition: [] });
    const faulty = await jobs('verify flights');
    expect(faulty.code).toBe(1);
    expect(faulty.out).toMatch(/partition \d: gap \[0, [12]\), tasks none/);
    expect(faulty.out).toContain('NOT COMPLETE');
    expect(faulty.out).not.toContain('offsets =');
  });

  it('watched without a terminal it is a line for each change, up to its end', async () => {
    const topic = await createTopic(brokers, { partitions: 1 });
    await produce(brokers, topic, { records: THREE.map((value) => ({ value })) });
    const kafka = { brokers, topic, startOffsets: 'earliest', endOffsets: 'latest' } as const;
    const { id } = await product.createJob({
      name: 'flights',
      source: { kafka },
      destination: { file: { table: 'flights' } },
    });
    const { code, out } = await jobs('watch flights', {
      when: ['NEED_SCHEDULE', () => product.settle(id)],
    });
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\dZ {2}NEED_SCHEDULE {2}lag 0 {2}0 rows {2}no task {2}CREATED/,
    );
    expect(lines.at(-1)).toMatch(/Z {2}COMPLETED {6}lag 0 {2}3 rows {2}no task {2}ALL_LOADED/);
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('watched on a terminal it is one page, painted over, that fits', async () => {
    const id = await jobOf(THREE);
    const clock = steppedClock([
      () => product.settle(id),
      () => undefined,
      () => here('stop flights --yes'),
    ]);
    const { code, out } = await here('watch flights', {
      clock,
      screen: { columns: 70, rows: 16 },
    });
    expect(code).toBe(1);
    const pages = stripVTControlCharacters(out).split(/^(?=flights {2})/m);
    expect(pages.map((page) => /^state +(\w+)/m.exec(page)?.[1])).toEqual(
      // The last one is painted once more, to stay.
      ['NEED_SCHEDULE', 'RUNNING', 'RUNNING', 'STOPPED', 'STOPPED'],
    );
    for (const page of pages) {
      const lines = page.split('\n');
      expect(lines.length).toBeLessThanOrEqual(16);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(70);
    }
    expect(out).toContain('\x1b[32mRUNNING\x1b[39m');
    const plain = await here('show flights', {
      screen: { columns: 70, rows: 16 },
      env: { NO_COLOR: '1' },
    });
    expect(plain.out).not.toContain('\x1b');
  });
});

describe('bad rows', () => {
  it('are shown with place and reason and without what would steer a terminal, wait, and are loaded again', async () => {
    const id = await jobOf(['{"n":0}', 'no json \x1b[31m', '{"n":2}'], {
      errors: { maxPerTenThousand: 10_000, maxFilterRatio: 1 },
    });
    await product.settle(id);

    const errors = await here('errors flights');
    expect(linesOf(errors.out)).toEqual([
      expect.stringMatching(/^task [0-9A-Z]{26} DONE planned .* 1 bad row$/),
      expect.stringMatching(/^partition 1 offset 0: .*JSON/),
      expect.stringMatching(/^no json .\[31m$/),
      '',
    ]);
    const letters = linesOf((await here('dead-letters flights')).out);
    expect(letters[0]).toBe('task rows unknown when again where');
    expect(letters[1]).toMatch(/^[0-9A-Z]{26} 1 0 .* no .*_dead_letters/);
    const { code, out } = await jobs('redrive flights');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^flights is RUNNING; .*\nits dead letters up to task [0-9A-Z]{26} are loaded again\n$/,
    );
    expect((await here('show flights')).out).toContain('redrive    dead letters up to task');
    await product.settle(id);
    expect((await here('dead-letters flights')).out).toMatch(/ yes /);
    expect((await here('history flights')).out).toMatch(/\bREDRIVEN: /);
  });

  it('a job without any says so', async () => {
    await jobOf([]);
    expect((await here('errors flights')).out).toBe('no errors\n');
    expect((await here('dead-letters flights')).out).toBe('no dead letters wait\n');
    expect(await here('redrive flights')).toMatchObject({ code: 1, out: '' });
  });
});

it('a task in doubt is shown, and resolved by a word', async () => {
  const id = await jobOf(THREE, { desiredConcurrency: 1 });
  const forgetful: Partial<LoaderDeps> = {
    sinkOf: async (job) => ({
      ...(await product.loader.sinkOf(job)),
      commit: async () => ({ kind: 'in-doubt', message: 'the label is forgotten' }),
    }),
  };
  await product.cycle();
  await product.load(id, forgetful);

  const shown = await here('show flights');
  expect(shown.out).toContain('no task, and 1 in doubt until you resolve them');
  expect(shown.out).toContain('the label is forgotten');
  const listed = linesOf((await here('tasks flights --status in_doubt')).out);
  const task = /^\S+/.exec(listed[1] ?? '')?.[0];
  expect(await jobs(`resolve flights ${task} not-committed`)).toEqual({
    code: 0,
    out: `task ${task} is CANCELLED\n`,
    err: '',
  });
  expect(await here(`resolve flights ${task} committed`)).toMatchObject({ code: 1, out: '' });
});

describe('alter --running', () => {
  const input = '{"desiredConcurrency": 2}';

  it('waits for the tasks in flight, alters, and resumes', async () => {
    const id = await jobOf(THREE, { desiredConcurrency: 1 });
    await product.cycle();
    const altered = await jobs('alter flights - --running', {
      input,
      when: ['waiting for 1 task', () => product.load(id)],
    });
    expect(altered).toEqual({
      code: 0,
      out: 'altered: flights is NEED_SCHEDULE; no task in flight\n',
      err: 'flights is PAUSED\nwaiting for 1 task in flight to end\naltered\n',
    });
    await product.settle(id);
    expect(await product.lines('flights')).toHaveLength(3);
    expect((await product.job(id)).spec.desiredConcurrency).toBe(2);
  });

  it('interrupted meanwhile, says where the job stands and what to type', async () => {
    const id = await jobOf(THREE);
    await product.cycle();
    const { code, out, err } = await jobs('alter flights - --running', {
      input,
      when: ['waiting for', (ctrlC) => ctrlC()],
    });
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(err.split('\n').slice(-4)).toEqual([
      'flights is PAUSED and not altered; 2 tasks in flight',
      `  alter it:     npm run -s jobs -- alter ${id} -`,
      `  let it go on: npm run -s jobs -- resume ${id}`,
      '',
    ]);
  });

  it('when somebody resumes the job meanwhile, says that it runs unaltered', async () => {
    const id = await jobOf(THREE);
    await product.cycle();
    const clock = steppedClock([
      async () => {
        await product.load(id);
        await here('resume flights');
      },
    ]);
    const { code, err } = await here('alter flights - --running', { input, clock });
    expect(code).toBe(1);
    expect(err).toContain('flights is NEED_SCHEDULE and not altered; no task in flight\n');
    expect(err).toMatch(/Only a paused job can be altered: .*\n$/);
    expect(err).not.toContain('npm run');
  });

  it('when the installation goes away for good, says what is not known', async () => {
    const id = await jobOf(THREE);
    await product.cycle();
    const clock = steppedClock([() => api.close()]);
    const { code, err } = await here('alter flights - --running', { input, clock });
    expect(code).toBe(3);
    expect(err).toContain('where flights stands is not known; it may be PAUSED\n');
    expect(err).toContain(`npm run -s jobs -- resume ${id}\n`);
    expect(err).toMatch(/nothing answers at .*\n$/);
  });
});

describe('stop on a terminal', () => {
  const screen = { columns: 80, rows: 24 };

  it.each([
    ['yes\n', 0, 'STOPPED'],
    ['no\n', 1, 'NEED_SCHEDULE'],
    ['', 1, 'NEED_SCHEDULE'],
  ])('answered with %j ends with %i, and the job is %s', async (input, code, state) => {
    const id = await jobOf([]);
    const asked = await here('stop flights', { screen, input });
    expect(asked).toMatchObject({ code, err: 'stop flights for good? Type yes: ' });
    expect((await product.job(id)).state).toBe(state);
  });
});
