import { jobAnswer } from '../answers.ts';
import { type CommandContext, command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { answerWatch, type JobWatch, lineWatch, pageWatch } from '../job-watch.ts';
import { patiently } from '../patiently.ts';

const EVERY_MS = 2_000;
const FINAL_STATES = ['COMPLETED', 'STOPPED', 'CANCELLED'];

/** `watch`: a job until it is final. */
export const watch = command({
  name: 'watch',
  words: ['job'],
  summary: 'the same until it is final; code 1 unless it is COMPLETED then',
  options: {},
  help: ['Where there is no terminal, a line for each change. Ctrl-C ends it with code 130.'],
  run: async ({ words: [job] }, context) => {
    const view = viewFor(context);
    // A final job does not have its name any more.
    let name = job;
    const look = patiently(
      context,
      () => context.ask({ method: 'GET', path: `/jobs/${name}` }, jobAnswer),
      (error) => view.trouble(error),
    );
    for (;;) {
      const answer = await look();
      const { id, state } = answer.value;
      name = id;
      view.show(answer);
      if (FINAL_STATES.includes(state)) {
        view.end();
        return state === 'COMPLETED' ? EXIT.fine : EXIT.no;
      }
      await context.clock.sleep(EVERY_MS, context.signal);
    }
  },
});

function viewFor(context: CommandContext): JobWatch {
  if (context.json) return answerWatch(context);
  return context.out.isTTY ? pageWatch(context) : lineWatch(context);
}
