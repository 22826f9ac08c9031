import * as z from 'zod';
import type { Job } from '#shared/domain/job.ts';
import { JOB_STATES } from '#shared/domain/job-state.ts';
import { UnreadableJob } from '#shared/store/unreadable-job.ts';
import type { ShownPage } from '../filtered-page.ts';
import { viewNextResume } from './job-view.ts';
import { cursorView, reasonView, time, viewReason, viewTime } from './parts.ts';

const jobEntryView = z.strictObject({
  id: z.string(),
  name: z.string(),
  comment: z.string(),
  topic: z.string(),
  state: z.enum(JOB_STATES),
  reason: reasonView,
  note: reasonView.optional(),
  nextResumeAt: time.optional(),
  createdAt: time,
  updatedAt: time,
});

/** A job whose record cannot be read, e.g. one of a newer version: nothing more is known of it. */
const unreadableView = z.strictObject({ id: z.string() });

/**
 * A page of jobs, newest first, each without what only its own address shows (lanes, lag, specification). Those of the
 * page that cannot be read stand apart; `unreadable` is absent when there are none.
 */
export const jobListView = z.strictObject({
  jobs: z.array(jobEntryView),
  unreadable: z.array(unreadableView).optional(),
  cursor: cursorView,
});

/** A page of jobs. */
export function viewJobList({
  items,
  cursor,
}: ShownPage<Job | UnreadableJob>): z.input<typeof jobListView> {
  const jobs = items.filter((item): item is Job => !(item instanceof UnreadableJob));
  const unreadable = items.filter((item) => item instanceof UnreadableJob);
  return {
    jobs: jobs.map(viewEntry),
    ...(unreadable.length > 0 && { unreadable: unreadable.map(({ jobId: id }) => ({ id })) }),
    cursor,
  };
}

function viewEntry(job: Job): z.input<typeof jobEntryView> {
  return {
    id: job.id,
    name: job.spec.name,
    comment: job.spec.comment,
    topic: job.spec.source.kafka.topic,
    state: job.state,
    reason: viewReason(job.reason),
    note: job.note && viewReason(job.note),
    nextResumeAt: viewNextResume(job),
    createdAt: viewTime(job.createdAt),
    updatedAt: viewTime(job.updatedAt),
  };
}
