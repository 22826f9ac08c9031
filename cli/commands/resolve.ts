import { taskAnswer } from '../answers.ts';
import { command } from '../command.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import { oneLine } from '../figures.ts';
import { printAnswer } from '../print.ts';

const OUTCOMES = ['committed', 'not-committed'];

/** `resolve`: a person's word about a task in doubt. */
export const resolve = command({
  name: 'resolve',
  words: ['job', 'task', 'outcome'],
  summary: 'your word about a task in doubt, after a look into the destination',
  options: {},
  help: [
    '  committed      its rows are there; the lane goes on behind them',
    '  not-committed  they are not; another task loads them',
    'Nothing checks whether that is true.',
  ],
  run: async ({ words: [job, task, outcome] }, context) => {
    if (!OUTCOMES.includes(outcome)) {
      throw new UsageError(`the outcome must be ${OUTCOMES.join(' or ')}, got ${outcome}`);
    }
    const answer = await context.ask(
      { method: 'POST', path: `/jobs/${job}/tasks/${task}/resolve`, body: { outcome } },
      taskAnswer,
    );
    printAnswer(context, answer, ({ id, status }) => [`task ${id} is ${oneLine(status)}`]);
    return EXIT.fine;
  },
});
