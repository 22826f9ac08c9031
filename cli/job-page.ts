import type { JobAnswer } from './answers.ts';
import { destinationText } from './destination-text.ts';
import { age, byteSize, counted, grouped, oneLine } from './figures.ts';
import { partitionLines } from './partition-lines.ts';
import { facts, table, wrapped } from './table.ts';

/** How a page is to be laid out. `now` is epoch ms. */
export interface PageLayout {
  readonly now: number;
  readonly width: number;
  /** Further facts. */
  readonly more?: readonly (readonly [label: string, text: string])[];
}

/** A job with all that the API shows of its progress. */
export function jobLines(job: JobAnswer, layout: PageLayout): string[] {
  const { width } = layout;
  return [
    `${oneLine(job.name)}  ${job.id}`,
    ...facts(jobFacts(job, layout), width),
    ...spaced(partitionLines(job.lag.partitions, width)),
    ...spaced(laneLines(job, layout)),
    ...job.tasks.flatMap(({ id, error }) =>
      error === undefined
        ? []
        : wrapped(`task ${id}: ${told(error, layout.now)}, attempt ${error.attempt}`, width),
    ),
  ];
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

/** The state's first line starts with the state, for whoever colours it. */
function jobFacts(
  job: JobAnswer,
  { now, more = [] }: PageLayout,
): (readonly [string, string | undefined])[] {
  const { nextResumeAt, stalled, note, statistics, seek, redrive } = job;
  return [
    ['state', `${oneLine(job.state)}, ${age(job.reason.at, now)}`],
    ['reason', `${oneLine(job.reason.code)}: ${oneLine(job.reason.message)}`],
    ['resumes', nextResumeAt && `by itself ${age(nextResumeAt, now)}`],
    ['stalled', stalled === false ? undefined : stallText(stalled, now)],
    ['note', note && told(note, now)],
    ['loads', loads(job)],
    ['loaded', loaded(statistics)],
    ...more,
    ['lag', `${grouped(job.lag.records)} records`],
    ['in flight', inFlight(job)],
    ['seek', seek === undefined ? undefined : `${JSON.stringify(seek)}, when it is divided next`],
    [
      'redrive',
      redrive &&
        `dead letters up to task ${redrive.upTo}, asked for ${age(redrive.requestedAt, now)}`,
    ],
    ['created', `${age(job.createdAt, now)}, specification version ${job.specVersion}`],
  ];
}

function told(
  { code, message, at }: { readonly code: string; readonly message: string; readonly at: string },
  now: number,
): string {
  return `${oneLine(code)} ${age(at, now)}: ${oneLine(message)}`;
}

function stallText(
  { since, message, lastError }: Exclude<JobAnswer['stalled'], false>,
  now: number,
): string {
  const error = lastError === undefined ? '' : `; last error ${told(lastError, now)}`;
  return `since ${age(since, now)}: ${oneLine(message)}${error}`;
}

function loads({ spec, name }: JobAnswer): string {
  const into = destinationText(spec.destination, name);
  return oneLine(`topic ${spec.source.kafka.topic} into ${into}`);
}

function loaded({ rows, bytes, tasks, ...others }: JobAnswer['statistics']): string {
  const counts = Object.entries(others)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `, ${grouped(count)} ${name}`);
  return `${grouped(rows)} rows${counts.join('')}, ${byteSize(bytes)}, in ${counted(tasks, 'task')}`;
}

function inFlight({ tasksInFlight, tasksInDoubt }: JobAnswer): string {
  const doubt = tasksInDoubt === 0 ? '' : `, and ${tasksInDoubt} in doubt until you resolve them`;
  return `${counted(tasksInFlight, 'task')}${doubt}`;
}

/** Lanes with their tasks, then tasks of lanes that are no longer, or of a redrive. */
function laneLines(job: JobAnswer, { now, width }: PageLayout): string[] {
  const onLanes = new Set(job.lanes.map(({ taskId }) => taskId));
  const rows = job.lanes.map(({ lane, partitions, lag, committedAt, taskId }) => [
    String(lane),
    String(partitions),
    grouped(lag),
    committedAt === undefined ? '' : age(committedAt, now),
    ...taskCells(
      job.tasks.find(({ id }) => id === taskId),
      now,
    ),
  ]);
  const others = job.tasks
    .filter(({ id }) => !onLanes.has(id))
    .map((task) => [String(task.lane), '', '', '', ...taskCells(task, now)]);
  if (rows.length + others.length === 0) return [];
  return table(
    [
      { title: 'lane', right: true },
      { title: 'partitions', right: true },
      { title: 'lag', right: true },
      { title: 'last commit' },
      { title: 'task' },
      { title: 'status' },
      { title: 'attempt', right: true },
      { title: 'planned' },
    ],
    [...rows, ...others],
    width,
  );
}

function taskCells(task: JobAnswer['tasks'][number] | undefined, now: number): string[] {
  if (task === undefined) return ['', '', '', ''];
  return [task.id, oneLine(task.status), String(task.attempt), age(task.since, now)];
}
