import { describe, expect, it } from 'vitest';
import type { JobShown, TaskShown } from '../../../../../infra/local/page/read-api.ts';
import { servePage, wantsPage } from '../../../../../infra/local/page/serve-page.ts';
import { ago, exampleJob, exampleTask, NOON } from './examples.ts';

/** What the API would say about one job. */
function apiOf(job: JobShown, tasks: readonly TaskShown[]) {
  const { id, name, state, reason, createdAt, updatedAt } = job;
  const entry = { id, name, comment: '', topic: 'air', state, reason, createdAt, updatedAt };
  const answers: Record<string, unknown> = {
    '/jobs?limit=30': { jobs: [entry] },
    [`/jobs/${job.id}`]: job,
    [`/jobs/${job.id}/tasks?limit=100`]: { tasks },
  };
  return async (path: string) => {
    const answer = answers[path];
    if (answer === undefined) return { status: 404, body: '{"detail":"there is no such job"}' };
    return { status: 200, body: JSON.stringify(answer) };
  };
}

async function textOf(target: string, job: JobShown, tasks: readonly TaskShown[] = []) {
  const { status, body } = await servePage(target, apiOf(job, tasks), NOON);
  return { status, text: body.toString() };
}

describe('the page', () => {
  it('shows all jobs with where they load to, lag, rows and speed', async () => {
    const { status, text } = await textOf('/', exampleJob(), [exampleTask()]);
    expect(status).toBe(200);
    for (const shown of ['flights', 'air → doris air.delays', 'RUNNING', '1,234,567', '42,000']) {
      expect(text).toContain(shown);
    }
    expect(text).toContain('<td class="n">100</td>');
    expect(text).toContain('href="/?job=01JOB"');
  });

  it('shows one job with its tasks by lane, and the partition that is behind first', async () => {
    const doubt = exampleTask({ id: 'T2', lane: 1, status: 'IN_DOUBT', finishedAt: undefined });
    const { text } = await textOf('/?job=01JOB', exampleJob(), [exampleTask(), doubt]);
    expect(text).toMatch(/<rect class="DONE"[^>]* y="2"/);
    expect(text).toMatch(/<rect class="IN_DOUBT"[^>]* y="20"/);
    expect(text.indexOf('1,234,587')).toBeLessThan(text.lastIndexOf('<td class="n">0</td>'));
    expect(text).toContain('T2, lane 1: IN_DOUBT');
  });

  it('keeps all digits of offsets', async () => {
    const lag = {
      records: '9007199254740993',
      partitions: {
        '0': { next: '9007199254740993', end: '18014398509481987', lag: '9007199254740994' },
      },
    };
    const { text } = await textOf('/?job=01JOB', exampleJob({ lag }));
    for (const shown of ['9,007,199,254,740,993', '18,014,398,509,481,987']) {
      expect(text).toContain(`>${shown}<`);
    }
    expect((await textOf('/', exampleJob({ lag }))).text).toContain('>9,007,199,254,740,993<');
  });

  it('says why a job is paused, and what keeps a stalled one', async () => {
    const reason = { code: 'TOO_MANY_BAD_ROWS', message: 'row <b> is bad', at: ago(1) } as const;
    const paused = await textOf('/', exampleJob({ state: 'PAUSED', reason }));
    expect(paused.text).toContain('TOO_MANY_BAD_ROWS: row &#60;b&#62; is bad');
    const stalled = { since: ago(60), message: 'no commit for 60 s', lanes: [0] };
    expect((await textOf('/?job=01JOB', exampleJob({ stalled }))).text).toContain(
      'no commit for 60 s',
    );
  });

  it('names the jobs whose records cannot be read beside the others', async () => {
    const listed = JSON.parse(String((await apiOf(exampleJob(), [])('/jobs?limit=30')).body));
    const get = async (path: string) =>
      path === '/jobs?limit=30'
        ? { status: 200, body: JSON.stringify({ ...listed, unreadable: [{ id: '01NEWER' }] }) }
        : apiOf(exampleJob(), [])(path);
    const { status, body } = await servePage('/', get, NOON);
    expect(status).toBe(200);
    expect(body.toString()).toContain('record of job 01NEWER cannot be read');
    expect(body.toString()).toContain('flights');
  });

  it('runs no script and loads nothing', async () => {
    const { headers, body } = await servePage('/', apiOf(exampleJob(), []), NOON);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'unsafe-inline'",
    );
    expect(body.toString()).not.toMatch(/<script|src=|url\(/);
  });

  it('says what the API says when there is no such job', async () => {
    const { status, text } = await textOf('/?job=nobody', exampleJob());
    expect(status).toBe(502);
    expect(text).toContain('there is no such job');
  });

  it('is for browsers at the root only', () => {
    expect(wantsPage('GET', '/', 'text/html,*/*')).toBe(true);
    expect(wantsPage('GET', '/?job=a', 'text/html')).toBe(true);
    expect(wantsPage('GET', '/', '*/*')).toBe(false);
    expect(wantsPage('GET', '/jobs', 'text/html')).toBe(false);
    expect(wantsPage('POST', '/', 'text/html')).toBe(false);
  });
});
