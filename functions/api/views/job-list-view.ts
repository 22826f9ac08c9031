import * as z from 'zod';
import type { Job } from '#shared/domain/job.ts';
import { JOB_STATES } from '#shared/domain/job-state.ts';
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

/** A page of jobs, newest first, each without what only its own address shows (lanes, lag, specification). */
export const jobListView = z.strictObject({ jobs: z.array(jobEntryView), cursor: cursorView });

/** A page of jobs. */
export function viewJobList({ items, cursor }: ShownPage<Job>): z.input<typeof jobListView> {
  return { jobs: items.map(viewEntry), cursor };
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
