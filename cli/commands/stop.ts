import { createInterface } from 'node:readline';
import { changeState, tellChange } from '../change-state.ts';
import { type CommandContext, command } from '../command.ts';
import { EXIT, UsageError } from '../exit-code.ts';

/** `stop`: for good, so it is asked for twice. */
export const stop = command({
  name: 'stop',
  words: ['job'],
  summary: 'ends it for good; its name is free again, its rows stay',
  options: { yes: { type: 'boolean' }, wait: { type: 'boolean' } },
  help: [
    '  --yes         do not ask; needed where nobody can answer',
    '  --wait        end only when no task is in flight any more',
  ],
  run: async ({ words: [job], values }, context) => {
    if (values.yes !== true && !(await confirmed(job, context))) return EXIT.no;
    return tellChange(context, await changeState(context, job, 'stop'), values);
  },
});

async function confirmed(job: string, { input, err, signal }: CommandContext): Promise<boolean> {
  if (!input.isTTY || !err.isTTY) {
    throw new UsageError('stop must be given --yes where nobody can be asked: it is for good');
  }
  err.write(`stop ${job} for good? Type yes: `);
  const lines = createInterface({ input, signal });
  try {
    const { value } = await lines[Symbol.asyncIterator]().next();
    signal.throwIfAborted();
    // No line at all is Ctrl-D.
    return value?.trim().toLowerCase() === 'yes';
  } finally {
    lines.close();
  }
}
