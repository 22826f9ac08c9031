import { alterJob } from '../../../functions/api/routes/alter-job.ts';
import { pauseJob } from '../../../functions/api/routes/pause-job.ts';
import { redriveJob } from '../../../functions/api/routes/redrive-job.ts';
import { resolveTask } from '../../../functions/api/routes/resolve-task.ts';
import { resumeJob } from '../../../functions/api/routes/resume-job.ts';
import { stopJob } from '../../../functions/api/routes/stop-job.ts';
import { verifyJob } from '../../../functions/api/routes/verify-job.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import type { World } from '../world.ts';
import { apiDeps, ask } from './api.ts';

/** What a user may ask of a job at any moment. Stopping is rare, since nothing follows it. */
const WISHES = [
  'pause',
  'pause',
  'resume',
  'resume',
  'alter',
  'pause-alter-resume',
  'pause-seek-resume',
  'stop',
] as const;

/** What a user may ask who sees dead letters. An alteration makes some of them good ones. */
const REDRIVES = [
  'redrive',
  'redrive',
  'pause-redrive-resume',
  'pause-alter-redrive-resume',
  'pause-alter-resume-redrive',
] as const;
type Wish = (typeof WISHES)[number] | (typeof REDRIVES)[number];

const ROUTES = {
  pause: pauseJob,
  resume: resumeJob,
  alter: alterJob,
  stop: stopJob,
  seek: alterJob,
  redrive: redriveJob,
};

/** A user who waits for a paused job's tasks waits up to so long, in ms. */
const PATIENCE_MS = 70_000;

/** Starts a user's request for a job: the API's own routes, over the same stores and the same troubles. */
export function startUser(world: World, jobId: string, wish: Wish = drawWish(world, jobId)): void {
  world.spawn('user', async (process) => {
    const deps = apiDeps(world, process);
    world.trace?.(process.name, `wants to ${wish} ${jobId}`);
    for (const step of wish.split('-') as (keyof typeof ROUTES)[]) {
      if ((step === 'alter' && wish !== 'alter') || step === 'seek') {
        await deps.clock.sleep(world.random.between(0, PATIENCE_MS));
      }
      await ask(deps, ROUTES[step], {
        parameters: { job: jobId },
        ...(step === 'alter' && { body: { desiredConcurrency: lanesWanted(world) } }),
        ...(step === 'seek' && { body: { seek: drawSeek(world, jobId) } }),
      });
    }
  });
}

function drawWish(world: World, jobId: string): Wish {
  const seesLetters = hasLetters(world, jobId) && world.random.chance(0.7);
  return world.random.pick<Wish>(seesLetters ? REDRIVES : WISHES);
}

/** A job that wants more lanes than the installation has room for is never divided: a matter for its user. */
function lanesWanted({ random, scenario }: World): number {
  return Math.min(random.between(1, 3), scenario.capacity);
}

/** Whether dead letters wait that the simulation can look into. */
export function hasLetters({ records, sinks, scenario }: World, jobId: string): boolean {
  if (scenario.productionStage || !(sinks.get(jobId) instanceof SinkModel)) return false;
  for (const letters of records.letters.values()) if (letters.jobId === jobId) return true;
  return false;
}

/** Where a user moves a job's offsets: to an end of the log, or one partition to somewhere it has ever held. */
function drawSeek({ random, scenario }: World, jobId: string): string | Record<string, string> {
  const to = random.pick(['earliest', 'latest', 'offset', 'offset']);
  if (to !== 'offset') return to;
  const { topic } = scenario.jobs.find(({ id }) => id === jobId) as JobDraft;
  const partition = random.below(topic.logs.size);
  const { first, records } = topic.log(partition);
  return { [partition]: String(first + BigInt(random.between(0, records.length))) };
}

/** A person looks into the sink for every task in doubt, says what is there, and resumes the job. */
export function resolveDoubts(world: World, jobId: string): void {
  for (const { sk, pk, status, decision } of world.records.tasks.values()) {
    if (pk !== jobId || status !== 'IN_DOUBT') continue;
    const { handle } = decision as { handle: Record<string, number> };
    const sink = world.sinks.get(jobId);
    const outcome = sink?.hasApplied(handle) ? 'committed' : 'not-committed';
    if (outcome === 'not-committed') sink?.undo?.(handle);
    const task = String(sk);
    world.records.resolving.add(task);
    world.spawn('user', async (process) => {
      const deps = apiDeps(world, process);
      world.trace?.(process.name, `finds ${task} ${outcome}`);
      await ask(deps, resolveTask, { parameters: { job: jobId, task }, body: { outcome } });
      await ask(deps, resumeJob, { parameters: { job: jobId } });
    });
  }
}

/** Asks the product for its own proof that nothing is missing; it must say yes. */
export function askForProof(world: World, jobId: string): void {
  world.spawn('user', async (process) => {
    const parameters = { job: jobId };
    const proof = await ask(apiDeps(world, process), verifyJob, { parameters });
    const { complete } = proof as { complete: unknown };
    if (complete !== true) world.violated('verify-says-complete', JSON.stringify(proof));
  });
}
