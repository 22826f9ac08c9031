import { destinationText } from '../../../cli/destination-text.ts';
import { grouped } from '../../../cli/figures.ts';
import { lanesChart, shareBar, throughputChart } from './charts.ts';
import { frame } from './frame.ts';
import { type Html, html } from './html.ts';
import { troubleOf } from './overview-page.ts';
import type { JobShown, JobWithTasks } from './read-api.ts';
import { throughputOf } from './throughput.ts';

/** With more the page would be a scroll; those with the most lag are shown. */
const MOST_PARTITIONS = 40;

const STATUSES = [
  ['DONE', '--done'],
  ['RUNNING', '--run'],
  ['PENDING', '--wait'],
  ['IN_DOUBT', '--bad'],
  ['CANCELLED', '--quiet'],
] as const;

/** One job: what it does, how fast, its tasks by lane, and how far each partition is. */
export function jobPage({ job, tasks }: JobWithTasks, now: number): string {
  const throughput = throughputOf(tasks, now);
  const trouble = troubleOf(job);
  const { rows, bytes, rejected, filtered, skipped, tasks: finished } = job.statistics;
  return frame(
    `${job.name} - Routine Load`,
    html`<p class="small"><a href="/">all jobs</a></p>
<h1>${job.name} <span class="state ${job.state}">${job.state}</span></h1>
<p class="small">${job.spec.source.kafka.topic} → ${destinationText(job.spec.destination, job.name)}, ${job.id}</p>
${trouble && html`<p class="trouble">${trouble}${job.nextResumeAt && `, resumes at ${job.nextResumeAt}`}</p>`}
<table><tr><th class="n">lag</th><th class="n">rows</th><th class="n">bytes</th><th class="n">rejected</th><th class="n">filtered</th><th class="n">skipped</th><th class="n">tasks</th><th class="n">in flight</th></tr>
<tr>${[job.lag.records, rows, bytes, rejected, filtered, skipped, finished, job.tasksInFlight].map((figure) => html`<td class="n">${grouped(figure)}</td>`)}</tr></table>
<h2>${grouped(throughput.rowsPerSecond)} rows a second while it loads</h2>${throughputChart(throughput)}
<h2>Tasks by lane</h2>${lanesChart(tasks, now) ?? html`<p>none yet</p>`}
<p class="legend small">${STATUSES.map(([status, colour]) => html`<span><i style="background:var(${colour})"></i>${status}</span>`)}</p>
<h2>Partitions</h2>${partitionTable(job)}
<h2>Specification</h2><pre class="small">${JSON.stringify(job.spec, undefined, 2)}</pre>`,
  );
}

function partitionTable({ lag }: JobShown): Html {
  const all = Object.entries(lag.partitions).map(([partition, { next, end, lag: records }]) => ({
    partition,
    next,
    end,
    lag: BigInt(records ?? 0),
  }));
  const most = all.reduce((high, each) => (each.lag > high ? each.lag : high), 0n);
  const shown = all
    .toSorted((a, b) => Number(b.lag - a.lag) || Number(a.partition) - Number(b.partition))
    .slice(0, MOST_PARTITIONS);
  return html`<table><tr><th class="n">partition</th><th class="n">next offset</th><th class="n">log end</th><th class="n">lag</th><th></th></tr>
${shown.map(
  (each) => html`<tr><td class="n">${each.partition}</td><td class="n">${grouped(each.next)}</td>
<td class="n">${each.end === undefined ? 'not seen yet' : grouped(each.end)}</td><td class="n">${grouped(String(each.lag))}</td><td>${shareBar(each.lag, most)}</td></tr>
`,
)}</table>${all.length > shown.length && html`<p class="small">and ${all.length - shown.length} partitions with less lag</p>`}`;
}
