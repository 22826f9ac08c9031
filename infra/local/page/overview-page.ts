import { destinationText } from '../../../cli/destination-text.ts';
import { grouped } from '../../../cli/figures.ts';
import { throughputChart } from './charts.ts';
import { frame } from './frame.ts';
import { type Html, html } from './html.ts';
import type { JobWithTasks } from './read-api.ts';
import { throughputOf } from './throughput.ts';

/**
 * All jobs at a glance: state, lag, rows, and how they came over the last minutes.
 *
 * @param more `unreadable`: ids of jobs of which no more is known
 */
export function overviewPage(
  jobs: readonly JobWithTasks[],
  now: number,
  { unreadable }: { readonly unreadable: readonly string[] },
): string {
  return frame(
    'Routine Load',
    html`<h1>Routine Load</h1>
${
  jobs.length === 0
    ? html`<p>There is no job yet. <code>POST /jobs</code> makes one.</p>`
    : html`<table><tr><th>job</th><th>state</th><th class="n">lag</th><th class="n">rows</th><th class="n">rows/s</th><th>five minutes</th></tr>
${jobs.map((each) => jobRow(each, now))}</table>`
}
${unreadable.map((id) => html`<p class="trouble">the record of job ${id} cannot be read</p>`)}`,
  );
}

function jobRow({ job, tasks }: JobWithTasks, now: number): Html {
  const throughput = throughputOf(tasks, now);
  const trouble = troubleOf(job);
  return html`<tr><td><a href="/?job=${encodeURIComponent(job.id)}">${job.name}</a><div class="small">${job.spec.source.kafka.topic} → ${destinationText(job.spec.destination, job.name)}</div></td>
<td><span class="state ${job.state}">${job.state}</span>${trouble && html`<div class="small trouble">${trouble}</div>`}</td>
<td class="n">${grouped(job.lag.records)}</td><td class="n">${grouped(job.statistics.rows)}</td>
<td class="n">${grouped(throughput.rowsPerSecond)}</td><td>${throughputChart(throughput)}</td></tr>
`;
}

/** What somebody should know of the job's state; nothing when all is as it should be. */
export function troubleOf({
  state,
  reason,
  note,
  stalled,
}: JobWithTasks['job']): string | undefined {
  if (stalled !== false) return stalled.message;
  if (state === 'PAUSED' || state === 'CANCELLED') return `${reason.code}: ${reason.message}`;
  return note && `${note.code}: ${note.message}`;
}
