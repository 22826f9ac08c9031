import { changeState, tellChange } from '../change-state.ts';
import { command } from '../command.ts';

/** `resume`: a paused job goes on. */
export const resume = command({
  name: 'resume',
  words: ['job'],
  summary: 'lets a paused job go on where it stands',
  options: {},
  help: [],
  run: async ({ words: [job] }, context) =>
    tellChange(context, await changeState(context, job, 'resume')),
});
