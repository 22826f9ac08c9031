import { stateAnswer } from '../answers.ts';
import { stateText } from '../change-state.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { printAnswer } from '../print.ts';

/** `redrive`: dead letters are loaded again. */
export const redrive = command({
  name: 'redrive',
  words: ['job'],
  summary: 'loads its dead letters once more, each row exactly once',
  options: {},
  help: [],
  run: async ({ words: [job] }, context) => {
    const answer = await context.ask({ method: 'POST', path: `/jobs/${job}/redrive` }, stateAnswer);
    printAnswer(context, answer, (value) => [
      stateText(value),
      value.redrive === undefined
        ? 'all of its dead letters have been loaded again already'
        : `its dead letters up to task ${value.redrive.upTo} are loaded again${value.state === 'PAUSED' ? ' once it is resumed' : ''}`,
    ]);
    return EXIT.fine;
  },
});
