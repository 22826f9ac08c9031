import type { Route } from '../find-route.ts';
import { alterJob } from './alter-job.ts';
import { createJob } from './create-job.ts';
import { createPreview } from './create-preview.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listErrors } from './list-errors.ts';
import { listHistory } from './list-history.ts';
import { listJobs } from './list-jobs.ts';
import { listTasks } from './list-tasks.ts';
import { pauseJob } from './pause-job.ts';
import { previewJob } from './preview-job.ts';
import { redriveJob } from './redrive-job.ts';
import { resolveTask } from './resolve-task.ts';
import { resumeJob } from './resume-job.ts';
import { showApi } from './show-api.ts';
import { showHealth } from './show-health.ts';
import { showJob } from './show-job.ts';
import { showPreview } from './show-preview.ts';
import { showTask } from './show-task.ts';
import { stopJob } from './stop-job.ts';
import { verifyJob } from './verify-job.ts';

/** The API's addresses. */
export const routes: readonly Route[] = [
  listJobs,
  createJob,
  showJob,
  alterJob,
  pauseJob,
  resumeJob,
  stopJob,
  listTasks,
  showTask,
  resolveTask,
  listHistory,
  listErrors,
  listDeadLetters,
  redriveJob,
  verifyJob,
  previewJob,
  createPreview,
  showPreview,
  showHealth,
  showApi(() => routes),
];
