import { grouped } from '../../../cli/figures.ts';
import { type Html, html } from './html.ts';
import type { TaskShown } from './read-api.ts';
import type { Throughput } from './throughput.ts';

const BAR_WIDTH = 10;
const BAR_HEIGHT = 60;

/** Rows over time as bars; the highest fills the height. */
export function throughputChart({ from, to, rows }: Throughput): Html {
  const most = Math.max(...rows, 1);
  const seconds = (to - from) / 1_000 / rows.length;
  const bars = rows.map((count, i) => {
    const height = (count / most) * BAR_HEIGHT;
    const at = clockTime(from + i * seconds * 1_000);
    return html`<rect x="${i * BAR_WIDTH + 1}" y="${BAR_HEIGHT - height}" width="${BAR_WIDTH - 2}" height="${height}"><title>${at}: ${grouped(count / seconds)} rows/s</title></rect>`;
  });
  const width = rows.length * BAR_WIDTH;
  return html`<svg class="bars" viewBox="0 0 ${width} ${BAR_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="rows over time">${bars}</svg>
<div class="axis"><span>${clockTime(from)}</span><span>${clockTime(to)}</span></div>`;
}

const TIMELINE_WIDTH = 1_000;
const ROW_HEIGHT = 18;
/** A task that took less is still to be seen. */
const LEAST_WIDTH = 3;

/** Tasks as bars in rows of their lanes, from their planning to their end or now, in the colours of their status. */
export function lanesChart(tasks: readonly TaskShown[], now: number): Html | undefined {
  if (tasks.length === 0) return undefined;
  const spans = tasks.map((task) => {
    const end = task.finishedAt === undefined ? now : Date.parse(task.finishedAt);
    return { task, begin: Date.parse(task.createdAt), end };
  });
  const from = Math.min(...spans.map(({ begin }) => begin));
  const to = Math.max(...spans.map(({ end }) => end), from + 1);
  const lanes = [...new Set(tasks.map(({ lane }) => lane))].toSorted((a, b) => a - b);
  const bars = spans.map(({ task, begin, end }) => {
    const x = ((begin - from) / (to - from)) * (TIMELINE_WIDTH - LEAST_WIDTH);
    const width = Math.max(((end - begin) / (to - from)) * TIMELINE_WIDTH, LEAST_WIDTH);
    const y = lanes.indexOf(task.lane) * ROW_HEIGHT;
    return html`<rect class="${task.status}" x="${x}" y="${y + 2}" width="${width}" height="${ROW_HEIGHT - 4}"><title>${describe(task, end - begin)}</title></rect>`;
  });
  const height = lanes.length * ROW_HEIGHT;
  return html`<svg class="lanes" viewBox="0 0 ${TIMELINE_WIDTH} ${height}" style="height:${height}px" preserveAspectRatio="none" role="img" aria-label="tasks by lane over time">${bars}</svg>
<div class="axis"><span>${clockTime(from)}</span><span>${clockTime(to)}</span></div>`;
}

function describe({ id, lane, status, attempt, statistics, error }: TaskShown, ms: number): string {
  return [
    `${id}, lane ${lane}: ${status}`,
    `attempt ${attempt}, ${(ms / 1_000).toFixed(1)} s`,
    ...(statistics ? [`${grouped(statistics.rows)} rows`] : []),
    ...(error ? [`${error.code}: ${error.message}`] : []),
  ].join('\n');
}

/** A share of something as a bar that is so long; `of` 0 makes it empty. */
export function shareBar(part: bigint, of: bigint): Html {
  const percent = of > 0n ? Number((part * 1_000n) / of) / 10 : 0;
  return html`<div class="share"><div style="width:${percent}%"></div></div>`;
}

/** `12:34:56`, in UTC as all times here. */
function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
