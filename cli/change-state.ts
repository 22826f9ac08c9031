import { type StateAnswer, stateAnswer } from './answers.ts';
import type { ApiAnswer } from './api-client.ts';
import { awaitQuiet } from './await-quiet.ts';
import type { CommandContext } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { counted, oneLine } from './figures.ts';
import { printAnswer } from './print.ts';

/** What a user can do to a job's state. */
export type StateChange = 'pause' | 'resume' | 'stop';

/** Asks for a change of a job's state; asking again changes nothing. */
export async function changeState(
  { ask }: Pick<CommandContext, 'ask'>,
  job: string,
  change: StateChange,
): Promise<ApiAnswer<StateAnswer>> {
  return ask({ method: 'POST', path: `/jobs/${job}/${change}` }, stateAnswer);
}

/** Changes a job's state and tells it; with `wait` only when none of its tasks is in flight any more. */
export async function tellChange(
  context: CommandContext,
  answer: ApiAnswer<StateAnswer>,
  { wait = false }: { readonly wait?: boolean | undefined } = {},
): Promise<ExitCode> {
  printAnswer(context, answer, (job) => [stateText(job)]);
  if (wait && answer.value.tasksInFlight > 0) {
    await awaitQuiet(context, answer.value.id);
    if (!context.json) context.out.write('no task is in flight any more\n');
  }
  return EXIT.fine;
}

/** The state in a sentence. */
export function stateText({ name, state, tasksInFlight }: StateAnswer): string {
  const running = state === 'RUNNING' || state === 'NEED_SCHEDULE';
  const end = running || tasksInFlight === 0 ? '' : ', which end by themselves';
  const tasks = `${counted(tasksInFlight, 'task')} in flight${end}`;
  return `${oneLine(name)} is ${oneLine(state)}; ${tasks}`;
}
