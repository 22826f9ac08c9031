import * as z from 'zod';
import { sliceLength } from '#shared/domain/offsets.ts';
import {
  attemptLabel,
  type BadRow,
  type Decision,
  RECORD_POLICIES,
  TASK_STATUSES,
  type Task,
  type TaskStatistics,
  totalCounts,
} from '#shared/domain/task.ts';
import type { ShownPage } from '../filtered-page.ts';
import {
  byPartition,
  count,
  cursorView,
  errorView,
  mapPartitions,
  offset,
  time,
  viewError,
  viewOffsets,
  viewOptionalTime,
  viewTime,
} from './parts.ts';

const countsView = { rows: count, filtered: count, rejected: count, skipped: count };

const statisticsView = z.strictObject({
  ...countsView,
  /** Rows in the destination, where records hold several or none. */
  elements: count.optional(),
  bytes: count,
  writtenBytes: count,
});

const entry = {
  id: z.string(),
  lane: count,
  generation: count,
  specVersion: count,
  status: z.enum(TASK_STATUSES),
  attempt: count,
  failures: count,
  createdAt: time,
  /** PENDING: not to be claimed before. */
  notBefore: time.optional(),
  leaseUntil: time.optional(),
  finishedAt: time.optional(),
  partitions: count,
  /** Offsets that the slice spans, holes included. */
  offsets: offset,
  /** Of the attempt that decided. */
  statistics: statisticsView.optional(),
  error: errorView.optional(),
};

/** A page of tasks, newest first. Finished ones are kept for some days. */
export const taskListView = z.strictObject({
  tasks: z.array(z.strictObject(entry)),
  cursor: cursorView,
});

/** Without partition and offset when the destination found the row and does not say where it came from. */
const badRowView = z.strictObject({
  partition: count.optional(),
  offset: offset.optional(),
  column: z.string().optional(),
  reason: z.string(),
  excerpt: z.string(),
});

/** What a policy did to records of one partition: `from` is the first of them, `to` is behind the last. */
const policyView = z.strictObject({
  policy: z.enum(RECORD_POLICIES),
  action: z.string(),
  partition: count,
  count,
  from: offset,
  to: offset,
});

/** The write that made the slice irrevocable, with what is needed to find it in the destination. */
const decisionView = z.strictObject({
  at: time,
  attempt: count,
  label: z.string(),
  handle: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  to: byPartition(offset),
  /** Where the commit left dead letters. */
  deadLetters: z.string().optional(),
  counts: byPartition(z.strictObject(countsView)),
  policies: z.array(policyView),
});

/** A task with all that is known of it. */
export const taskView = z.strictObject({
  ...entry,
  owner: z.string().optional(),
  offers: count,
  offeredAt: time,
  /** Half-open: `from` is loaded, `to` is not. */
  slice: byPartition(z.strictObject({ from: offset, to: offset })),
  /** The dead letters that it loads; the slice then only says where they come from. Without a location the topic has them. */
  redrives: z
    .array(z.strictObject({ taskId: z.string(), location: z.string().optional() }))
    .optional(),
  decision: decisionView.optional(),
  badRows: z.array(badRowView),
});

/** Tasks with bad rows or an error, newest first. */
export const errorListView = z.strictObject({
  tasks: z.array(
    z.strictObject({
      id: z.string(),
      lane: count,
      status: z.enum(TASK_STATUSES),
      createdAt: time,
      finishedAt: time.optional(),
      rejected: count,
      error: errorView.optional(),
      /** Samples. */
      badRows: z.array(badRowView),
    }),
  ),
  cursor: cursorView,
});

/** A page of tasks. */
export function viewTaskList({ items, cursor }: ShownPage<Task>): z.input<typeof taskListView> {
  return { tasks: items.map(viewEntry), cursor };
}

/** One task. */
export function viewTask(task: Task): z.input<typeof taskView> {
  return {
    ...viewEntry(task),
    owner: task.owner,
    offers: task.offers,
    offeredAt: viewTime(task.offeredAt),
    slice: mapPartitions(task.slice, ({ from, to }) => ({ from: String(from), to: String(to) })),
    redrives: task.redrive?.letters.map((letters) => ({ ...letters })),
    decision: task.decision && viewDecision(task, task.decision),
    badRows: viewBadRows(task),
  };
}

/** What went wrong in some tasks. */
export function viewErrorList({ items, cursor }: ShownPage<Task>): z.input<typeof errorListView> {
  return {
    tasks: items.map((task) => ({
      id: task.id,
      lane: task.lane,
      status: task.status,
      createdAt: viewTime(task.createdAt),
      finishedAt: viewOptionalTime(task.finishedAt),
      rejected: task.decision ? totalCounts(task.decision.statistics.counts).rejected : 0,
      error: task.error && viewError(task.error),
      badRows: viewBadRows(task),
    })),
    cursor,
  };
}

function viewEntry(task: Task) {
  return {
    id: task.id,
    lane: task.lane,
    generation: task.generation,
    specVersion: task.specVersion,
    status: task.status,
    attempt: task.attempt,
    failures: task.failures,
    createdAt: viewTime(task.createdAt),
    notBefore: viewOptionalTime(task.notBefore),
    leaseUntil: viewOptionalTime(task.leaseUntil),
    finishedAt: viewOptionalTime(task.finishedAt),
    partitions: task.slice.size,
    offsets: String(sliceLength(task.slice)),
    statistics: task.decision && viewStatistics(task.decision.statistics),
    error: task.error && viewError(task.error),
  };
}

function viewStatistics({ counts, elements, bytes, writtenBytes }: TaskStatistics) {
  return { ...totalCounts(counts), elements, bytes, writtenBytes };
}

function viewDecision(task: Task, decision: Decision): z.input<typeof decisionView> {
  return {
    at: viewTime(decision.at),
    attempt: decision.attempt,
    label: attemptLabel(task, decision.attempt),
    handle: decision.handle,
    to: viewOffsets(decision.to),
    deadLetters: decision.deadLetters,
    counts: mapPartitions(decision.statistics.counts, (counts) => ({ ...counts })),
    policies: decision.statistics.policies.map((applied) => ({
      ...applied,
      from: String(applied.from),
      to: String(applied.to),
    })),
  };
}

function viewBadRows({ decision }: Task): z.input<typeof badRowView>[] {
  return (decision?.statistics.badRows ?? []).map((row: BadRow) => ({ ...row }));
}
