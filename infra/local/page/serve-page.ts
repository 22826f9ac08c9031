import type { HttpAnswer } from '../gateway-answer.ts';
import { frame } from './frame.ts';
import { html } from './html.ts';
import { jobPage } from './job-page.ts';
import { overviewPage } from './overview-page.ts';
import { type Get, readJob, readJobs } from './read-api.ts';

/**
 * The page for people at `/`, made of what the API says: all jobs, or with `?job=` one. It always answers; where the
 * API has no answer, with what it said instead.
 */
export async function servePage(target: string, get: Get, now: number): Promise<HttpAnswer> {
  const wanted = new URLSearchParams(target.split('?')[1]).get('job');
  try {
    if (wanted !== null) return page(200, jobPage(await readJob(get, wanted), now));
    const jobs = await readJobs(get);
    const shown = await Promise.all(jobs.map(({ id }) => readJob(get, id)));
    return page(200, overviewPage(shown, now));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return page(502, frame('Routine Load', html`<p><a href="/">all jobs</a></p><p>${message}</p>`));
  }
}

/** Whether a request is one of a browser that wants a page. */
export function wantsPage(method: string, target: string, accept = ''): boolean {
  return method === 'GET' && /^\/(\?|$)/.test(target) && accept.includes('text/html');
}

function page(status: number, text: string): HttpAnswer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(text),
  };
}
