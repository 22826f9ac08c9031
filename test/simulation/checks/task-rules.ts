import type { SinkHandle } from '#shared/domain/task.ts';
import type { Item } from '#shared/store/tables.ts';
import type { ItemChange } from '../../support/memory-state.ts';
import type { Records } from './records.ts';

/**
 * What must hold at every change of a task.
 *
 * - Statuses change only as the protocol allows; DONE and CANCELLED are final, and so is IN_DOUBT as long as no
 *   person has looked into it.
 * - The attempt number rises by one with every claim, and never otherwise.
 * - A decision is written once, by the attempt that runs, and never changes or goes.
 * - Nothing is decided by an attempt that began after its job had stopped running in its generation.
 * - Nor are dead letters loaded by one that began after the request for them had gone.
 * - DONE has a decision and CANCELLED has none, except one that a person has found not to be committed.
 * - IN_DOUBT happens only where the sink has really forgotten.
 * - A lease is taken away only when it has run out, as far as clocks agree.
 * - No more tasks are live than the capacity allows; cycles that overlap do not see each other's plans, so each
 *   of them may fill what it saw free.
 */

const LEGAL: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['PENDING', 'RUNNING', 'CANCELLED'],
  RUNNING: ['RUNNING', 'PENDING', 'DONE', 'CANCELLED', 'IN_DOUBT'],
};

const RESOLVED: readonly string[] = ['DONE', 'CANCELLED'];

const LIVE: ReadonlySet<unknown> = new Set(['PENDING', 'RUNNING']);

export function checkTaskChange(records: Records, { key, old, now }: ItemChange): void {
  const { witness } = records;
  if (now === undefined) {
    witness.violated('no-task-is-deleted', key.sk);
    return;
  }
  records.live += (LIVE.has(now.status) ? 1 : 0) - (LIVE.has(old?.status) ? 1 : 0);
  checkCapacity(records, old);
  if (old) checkTransition(records, key.sk, { old, now });
  else if (now.status !== 'PENDING' && now.status !== 'RUNNING') {
    witness.violated('tasks-begin-live', `${key.sk} is born ${now.status}`);
  }
  if (now.status === 'RUNNING' && now.attempt !== old?.attempt) {
    records.claimed.set(key.sk, records.changes);
    if (Number(now.attempt) > 1) records.takeovers += 1;
  }
  if (now.decision !== old?.decision) checkDecision(records, key.sk, { old, now });
  if (now.status !== old?.status) checkEnd(records, key.sk, now);
}

function checkCapacity({ live, scenario, truth, witness }: Records, old: Item | undefined): void {
  const allowed = scenario.capacity * truth.cyclesAtOnce();
  if (old === undefined && live > allowed) {
    witness.violated('capacity-is-kept', `${live} tasks are live, allowed: ${allowed}`);
  }
}

function checkTransition(
  { witness, truth, resolving }: Records,
  id: string,
  { old, now }: { readonly old: Item; readonly now: Item },
): void {
  const legal = resolving.has(id) ? RESOLVED : LEGAL[String(old.status)];
  if (!legal?.includes(String(now.status))) {
    witness.violated('task-statuses-are-legal', `${id}: ${old.status} became ${now.status}`);
  }
  const lost = (now.error as Item | undefined)?.code === 'LOADER_LOST';
  const isTaken = old.status === 'RUNNING' && now.status === 'PENDING' && lost;
  if (isTaken && truth.clocksAgree() && truth.now() <= Number(old.leaseUntil)) {
    witness.violated('leases-are-respected', `${id} was taken from ${old.owner} too early`);
  }
  const claims = old.status === 'PENDING' && now.status === 'RUNNING';
  const wanted = Number(old.attempt) + (claims ? 1 : 0);
  if (now.attempt !== wanted) {
    witness.violated('attempts-rise-by-claims', `${id}: ${old.attempt} became ${now.attempt}`);
  }
}

function checkDecision(
  records: Records,
  id: string,
  { old, now }: { readonly old: Item | undefined; readonly now: Item },
): void {
  const { witness, sinks, jobs } = records;
  const decision = now.decision as
    | { readonly attempt: number; readonly handle?: SinkHandle }
    | undefined;
  if (old?.decision !== undefined || decision === undefined) {
    witness.violated('decisions-stand', `${id}: the decision was changed`);
    return;
  }
  if (now.status !== 'RUNNING' || now.attempt !== decision.attempt) {
    witness.violated(
      'decisions-are-fenced',
      `${id}: attempt ${decision.attempt} decided while the task was ${now.status} with attempt ${now.attempt}`,
    );
  }
  if (decision.handle) sinks.get(String(now.pk))?.noteDecided(decision.handle);
  const job = jobs.get(String(now.pk));
  const { request } = (now.redrive ?? {}) as { readonly request?: string };
  if (request !== undefined && (job?.redrive as Item | undefined)?.id !== request) {
    const changed = records.redriveChanged.get(String(now.pk)) ?? 0;
    if (changed < (records.claimed.get(id) ?? 0)) {
      witness.violated(
        'dead-letters-are-loaded-on-request',
        `${id} began after ${request} had gone`,
      );
    }
  }
  const mayGoOn = job?.state === 'RUNNING' || (request !== undefined && job?.state === 'COMPLETED');
  if (mayGoOn && job?.generation === now.generation) return;
  const left = records.leftRunning.get(String(now.pk)) ?? 0;
  if (left < (records.claimed.get(id) ?? 0)) {
    witness.violated(
      'nothing-new-begins-in-a-job-that-left',
      `${id} was claimed after its job had left generation ${now.generation}, and decided`,
    );
  }
}

function checkEnd({ witness, sinks, resolving }: Records, id: string, now: Item): void {
  const decision = now.decision as { readonly handle?: SinkHandle } | undefined;
  if (now.status === 'DONE' && decision === undefined) {
    witness.violated('done-is-decided', id);
  }
  if (now.status === 'CANCELLED' && decision !== undefined && !resolving.has(id)) {
    witness.violated('cancelled-is-undecided', id);
  }
  if (now.status !== 'IN_DOUBT') return;
  const handle = decision?.handle;
  if (handle === undefined || !sinks.get(String(now.pk))?.hasForgotten(handle)) {
    witness.violated('in-doubt-only-when-the-sink-forgot', `${id} ${JSON.stringify(handle)}`);
  }
}
