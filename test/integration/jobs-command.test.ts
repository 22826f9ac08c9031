import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { freePorts } from '../../infra/local/free-port.ts';
import type { Gateway } from '../../infra/local/gateway.ts';
import { smallSpec } from '../support/api-calls.ts';
import { type RunOptions, runJobs, serveApi } from '../support/jobs-command.ts';
import { type HereOptions, jobsHere } from '../support/jobs-here.ts';
import { freshTables } from '../support/product.ts';

/** Jobs that nobody schedules: what the command says and sends, and how it ends. */

let tables: Tables;
let api: Gateway;
let folder: string;

beforeAll(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  api = await serveApi(tables);
  folder = await mkdtemp(join(tmpdir(), 'jobs-command-'));
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const jobs = (words: string, options: RunOptions = {}) =>
  runJobs(words.split(' '), { url: api.url, ...options });

const here = (words: string, options: HereOptions = {}) =>
  jobsHere(words.split(' '), { url: api.url, ...options });

/** A new job. @returns its id */
async function created(name: string): Promise<string> {
  const { out } = await here('create -', { input: JSON.stringify(smallSpec(name)) });
  return out.trim();
}

const fine = { code: 0, err: '' };

describe('create', () => {
  it('reads a file, prints the id and nothing else, and takes another name', async () => {
    const file = join(folder, 'flights.json');
    await writeFile(file, JSON.stringify(smallSpec('flights')));
    const first = await jobs(`create ${file}`);
    const second = await jobs(`create ${file} --name movies`);

    expect(first).toMatchObject({ ...fine, out: expect.stringMatching(/^[0-9A-Z]{26}\n$/) });
    expect(second).toMatchObject({ ...fine, out: expect.stringMatching(/^[0-9A-Z]{26}\n$/) });
    expect((await here('show movies')).out).toContain(second.out.trim());
    const taken = await here(`create ${file}`);
    expect(taken).toMatchObject({ code: 1, out: '' });
    expect(taken.err).toContain(
      `the name flights is held by job ${first.out.trim()}\n  /name must not be`,
    );
  });

  it('names a request by a key, under which it may be repeated', async () => {
    const input = JSON.stringify(smallSpec('keyed'));
    const first = await jobs('create - --key mine', { input });
    const again = await here('create - --key mine', { input });

    expect(again.out).toBe(first.out);
    expect(again.err).toContain('keyed was created before with this key, and is NEED_SCHEDULE');
  });

  it('tells all faults of a specification', async () => {
    const faulty = await here('create -', { input: '{"name": "a b", "strange": 1}' });
    expect(faulty).toMatchObject({ code: 1, out: '' });
    expect(faulty.err.split('\n')).toEqual([
      'The request is faulty: 4 faults, see errors',
      '  /name must be 1-64 of A-Z a-z 0-9 _ -',
      '  /source is required: an object',
      '  /destination is required: an object',
      '  /strange is not a known field',
      '',
    ]);
  });

  it('takes what spec prints', async () => {
    await created('original');
    const { out: spec } = await jobs('spec original');
    expect(Object.keys(JSON.parse(spec)).slice(0, 3)).toEqual(['name', 'comment', 'source']);
    expect(await here('create - --name copy', { input: spec })).toMatchObject(fine);
    const copy = JSON.parse((await here('spec copy --json')).out);
    expect(copy).toEqual({ ...JSON.parse(spec), name: 'copy' });
  });
});

describe('ls', () => {
  it('filters by state and name, comes in pages, and says what to type for the next', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await created(name);
    await here('pause page-2');

    const paused = (await jobs('ls --state paused --name page')).out.split('\n');
    expect(paused.map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ['name', 'state', 'since', 'reason'],
      ['page-2', 'PAUSED', expect.stringMatching(/ago|now/), 'PAUSED_BY_USER'],
      [''],
    ]);
    const first = (await here('ls --name page --limit 2')).out;
    const more = /more: npm run -s jobs -- (?<words>ls .*)/.exec(first)?.groups?.words ?? '';
    expect(first).toMatch(/^name .*\npage-3 .*\npage-2 .*\n\nmore: /);
    expect((await here(more)).out).toMatch(/^name[^\n]*\npage-1 /);
    expect((await here('ls --state COMPLETED')).out).toBe('no jobs\n');
  });
});

describe('changes of a state', () => {
  it('pause, resume and stop say what the job is then', async () => {
    const id = await created('changed');
    expect((await jobs('pause changed --wait')).out).toBe('changed is PAUSED; no task in flight\n');
    expect((await jobs('resume changed')).out).toContain('changed is NEED_SCHEDULE');
    expect(await jobs('stop changed')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    expect((await here('show changed')).out).toContain('NEED_SCHEDULE');
    expect((await jobs('stop changed --yes')).out).toContain('changed is STOPPED');
    const resumed = await here(`resume ${id}`);
    expect(resumed).toMatchObject({ code: 1, err: expect.stringContaining('STOPPED is final') });
    expect(
      (await jobs(`history ${id}`)).out.split('\n').map((line) => line.split(/ {2,}/)[1]),
    ).toEqual(['what', 'STOPPED', 'NEED_SCHEDULE', 'PAUSED', 'NEED_SCHEDULE', undefined]);
  });
});

describe('alter', () => {
  it('changes a paused job, and one that runs only when told to, which it then resumes', async () => {
    await created('altered');
    const input = '{"desiredConcurrency": 7}';
    expect(await here('alter altered -', { input })).toMatchObject({
      code: 1,
      err: expect.stringContaining('it is NEED_SCHEDULE'),
    });
    expect(await jobs('alter altered - --running', { input })).toEqual({
      code: 0,
      out: 'altered: altered is NEED_SCHEDULE; no task in flight\n',
      err: 'altered is PAUSED\naltered\n',
    });
    await here('pause altered');
    const paused = await here('alter altered - --running', { input: '{"comment": "mine"}' });
    expect(paused.out).toContain('altered is PAUSED');
    expect(JSON.parse((await here('spec altered')).out)).toMatchObject({
      desiredConcurrency: 7,
      comment: 'mine',
    });
  });

  it('refuses a faulty patch before it pauses anything', async () => {
    await created('unaltered');
    const input = '{"desiredConcurrency": 0}';
    const refused = await here('alter unaltered - --running', { input });
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('/desiredConcurrency must be at least 1, got 0');
    expect((await here('history unaltered')).out).not.toContain('PAUSED');
  });
});

describe('the end of a command', () => {
  it('is 1 with a sentence for a job that does not exist, whatever is asked of it', async () => {
    const asked = ['show', 'watch', 'spec', 'tasks', 'history', 'errors', 'dead-letters', 'verify'];
    for (const command of [
      ...asked,
      'pause',
      'resume',
      'redrive',
      'stop --yes',
      'alter',
      'resolve',
    ]) {
      const [name = '', ...options] = command.split(' ');
      const more = { alter: ['-'], resolve: ['T1', 'committed'] }[name] ?? [];
      const words = [name, 'nobody', ...more, ...options];
      const { code, out, err } = await jobsHere(words, { url: api.url, input: '{}' });
      expect({ command, code, out }).toEqual({ command, code: 1, out: '' });
      expect(err).toMatch(/^There is no such job: /);
    }
    expect(await jobs('show nobody')).toMatchObject({ code: 1, out: '' });
  });

  it('is 2 for a command line that cannot be understood, and 3 when the installation is away', async () => {
    expect(await jobs('shwo')).toMatchObject({ code: 2, out: '' });
    const [port] = await freePorts(1);
    const away = await jobs(`ls --url http://127.0.0.1:${port}`);
    expect(away).toMatchObject({ code: 3, out: '' });
    expect(away.err).toContain(`nothing answers at http://127.0.0.1:${port}: `);
  });

  it('prints the answer as it is where that is asked for, and problems, too', async () => {
    const id = await created('plain');
    const listed = JSON.parse((await here('ls --name plain --json')).out);
    expect(listed.jobs[0]).toMatchObject({ id, comment: '' });
    const { code, out, err } = await here('show nobody --json');
    expect({ code, out, problem: JSON.parse(err).code }).toEqual({
      code: 1,
      out: '',
      problem: 'JOB_NOT_FOUND',
    });
  });

  it('is 130 after Ctrl-C', async () => {
    await created('watched');
    const { code, out } = await jobs('watch watched', {
      when: ['NEED_SCHEDULE', (ctrlC) => ctrlC()],
    });
    expect(code).toBe(130);
    expect(out).toMatch(/^\d\d:\d\d:\d\dZ {2}NEED_SCHEDULE {2}lag 0 /);
  });
});
