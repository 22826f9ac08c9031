import { changeState, tellChange } from '../change-state.ts';
import { command } from '../command.ts';

/** `pause`: no new slice begins. */
export const pause = command({
  name: 'pause',
  words: ['job'],
  summary: 'plans no more tasks; those in flight end by themselves',
  options: { wait: { type: 'boolean' } },
  help: ['  --wait        end only when no task is in flight any more'],
  run: async ({ words: [job], values }, context) =>
    tellChange(context, await changeState(context, job, 'pause'), values),
});
