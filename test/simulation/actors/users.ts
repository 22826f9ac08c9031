import type { ApiDeps } from '../../../functions/api/deps.ts';
import type { Route } from '../../../functions/api/find-route.ts';
import { ApiProblem } from '../../../functions/api/problem.ts';
import { alterJob } from '../../../functions/api/routes/alter-job.ts';
import { pauseJob } from '../../../functions/api/routes/pause-job.ts';
import { resumeJob } from '../../../functions/api/routes/resume-job.ts';
import { stopJob } from '../../../functions/api/routes/stop-job.ts';
import { SETTINGS } from '../scenario.ts';
import type { World } from '../world.ts';

/** What a user may ask of a job at any moment. Stopping is rare, since nothing follows it. */
const WISHES = [
  'pause',
  'pause',
  'resume',
  'resume',
  'alter',
  'pause-alter-resume',
  'stop',
] as const;
type Wish = (typeof WISHES)[number];

const NOTHING = Buffer.alloc(0);

/** Starts a user's request for a job: the API's own routes, over the same stores and the same troubles. */
export function startUser(
  world: World,
  jobId: string,
  wish: Wish = world.random.pick(WISHES),
): void {
  world.spawn('user', async (process) => {
    const deps: ApiDeps = {
      tables: world.tablesOf(process),
      clock: world.clockOf(process),
      newId: world.newId,
      limits: {
        MAX_BATCH_ROWS: SETTINGS.maxBatchRows,
        MAX_BATCH_BYTES: SETTINGS.maxBatchBytes,
        ALLOWED_BROKERS: ['*'],
        ALLOWED_DESTINATIONS: ['*'],
        ALLOWED_ENDPOINTS: undefined,
        FILE_DIRECTORIES: ['/tables'],
      },
      cycleMs: SETTINGS.cycleMs,
      retentionDays: 7,
      log: world.logOf(process),
    };
    world.trace?.(process.name, `wants to ${wish} ${jobId}`);
    const patch = { desiredConcurrency: world.random.between(1, 3) };
    for (const step of wish.split('-')) {
      if (step === 'alter' && wish !== 'alter')
        await deps.clock.sleep(world.random.between(0, 70_000));
      await ask(deps, jobId, step as 'pause' | 'resume' | 'alter' | 'stop', patch);
    }
  });
}

const ROUTES: Readonly<Record<'pause' | 'resume' | 'alter' | 'stop', Route>> = {
  pause: pauseJob,
  resume: resumeJob,
  alter: alterJob,
  stop: stopJob,
};

async function ask(
  deps: ApiDeps,
  job: string,
  wish: keyof typeof ROUTES,
  patch: object,
): Promise<void> {
  const body = wish === 'alter' ? Buffer.from(JSON.stringify(patch)) : NOTHING;
  try {
    await ROUTES[wish].run(deps, {
      method: ROUTES[wish].method,
      path: '',
      base: '',
      parameters: { job },
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body,
    });
  } catch (error) {
    // What is refused with a reason is an answer like any other.
    if (error instanceof ApiProblem || isIllegalChange(error)) return;
    throw error;
  }
}

function isIllegalChange(error: unknown): boolean {
  return error instanceof Error && error.name === 'IllegalStateChange';
}
