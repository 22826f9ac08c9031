import { type JobAnswer, jobAnswer, type StateAnswer } from './answers.ts';
import type { ApiAnswer } from './api-client.ts';
import { awaitQuiet } from './await-quiet.ts';
import { changeState } from './change-state.ts';
import type { CommandContext } from './command.ts';
import { counted, oneLine } from './figures.ts';
import { Refused } from './problem-text.ts';

/** A JSON merge patch for a job. */
export interface Alteration {
  readonly job: string;
  readonly patch: Readonly<Record<string, unknown>>;
  /** Where the patch was read from, to be typed again. */
  readonly file: string;
}

/** Alters a job that is paused, once. */
export function patchJob(
  { ask }: Pick<CommandContext, 'ask'>,
  { job, patch }: Alteration,
): Promise<ApiAnswer<JobAnswer>> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  return ask({ method: 'PATCH', path: `/jobs/${job}`, body: patch, headers }, jobAnswer);
}

/**
 * Alters a job in whatever state it is: one that runs is paused, altered when none of its tasks is in flight any more,
 * and resumed. One that somebody else has paused is only altered.
 *
 * The API judges a patch before it asks for the state, so a faulty one is refused before anything is paused.
 *
 * @throws what went wrong; where the job stands then is told on `err`
 */
export async function alterRunning(
  context: CommandContext,
  alteration: Alteration,
): Promise<ApiAnswer<StateAnswer>> {
  try {
    return await patchJob(context, alteration);
  } catch (error) {
    if (!isOnlyEarly(error)) throw error;
    const before = await showJob(context, alteration.job);
    const runs = before.state === 'RUNNING' || before.state === 'NEED_SCHEDULE';
    if (!runs && error.code === 'JOB_NOT_PAUSED') throw error;
    return await alterInSteps(context, { ...alteration, job: before.id }, { before, runs });
  }
}

function isOnlyEarly(error: unknown): error is Refused {
  const codes = ['JOB_NOT_PAUSED', 'TASKS_IN_FLIGHT'];
  return error instanceof Refused && codes.includes(error.code ?? '');
}

async function showJob({ ask }: Pick<CommandContext, 'ask'>, job: string): Promise<JobAnswer> {
  return (await ask({ method: 'GET', path: `/jobs/${job}` }, jobAnswer)).value;
}

async function alterInSteps(
  context: CommandContext,
  alteration: Alteration,
  { before, runs }: { readonly before: JobAnswer; readonly runs: boolean },
): Promise<ApiAnswer<StateAnswer>> {
  const { err } = context;
  try {
    if (runs) {
      const paused = await changeState(context, alteration.job, 'pause');
      err.write(`${oneLine(paused.value.name)} is ${paused.value.state}\n`);
    }
    await awaitQuiet(context, alteration.job);
    const altered = await patchJob(context, alteration);
    if (!runs) return altered;
    err.write('altered\n');
    return await changeState(context, alteration.job, 'resume');
  } catch (error) {
    err.write(await whereItStands(context, alteration, before));
    throw error;
  }
}

const LAST_LOOK_MS = 10_000;

/** Asked anew, and also after Ctrl-C: a request that was lost may have done its work. */
async function whereItStands(
  { ask, typed }: CommandContext,
  { job, file }: Alteration,
  before: JobAnswer,
): Promise<string> {
  const signal = AbortSignal.timeout(LAST_LOOK_MS);
  const look = ask({ method: 'GET', path: `/jobs/${job}`, signal }, jobAnswer);
  const now = await look.then(
    ({ value }) => value,
    () => undefined,
  );
  if (now === undefined) {
    return [
      `where ${oneLine(before.name)} stands is not known; it may be PAUSED`,
      `  look:         ${typed('show', job)}`,
      `  let it go on: ${typed('resume', job)}`,
      '',
    ].join('\n');
  }
  const altered = now.specVersion > before.specVersion;
  const [paused, name] = [now.state === 'PAUSED', oneLine(now.name)];
  return [
    `${name} is ${oneLine(now.state)} and ${altered ? 'altered' : 'not altered'}; ${counted(now.tasksInFlight, 'task')} in flight`,
    ...(altered || !paused ? [] : [`  alter it:     ${typed('alter', job, file)}`]),
    ...(paused ? [`  let it go on: ${typed('resume', job)}`] : []),
    '',
  ].join('\n');
}
