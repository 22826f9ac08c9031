import { jobAnswer, taskList } from '../answers.ts';
import { type CommandContext, command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { jobLines } from '../job-page.ts';
import { printAnswer, widthOf } from '../print.ts';
import { speedText } from '../speed.ts';
import { styledState } from '../style.ts';

/** `show`: a job at a glance. */
export const show = command({
  name: 'show',
  words: ['job'],
  summary: 'state, reason, lag per partition, lanes and tasks of a job',
  options: {},
  help: [],
  run: async ({ words: [job] }, context) => {
    const answer = await context.ask({ method: 'GET', path: `/jobs/${job}` }, jobAnswer);
    const speed = context.json ? undefined : await recentSpeed(context, answer.value.id);
    printAnswer(context, answer, (value) => {
      const lines = jobLines(value, {
        now: context.clock.now(),
        width: widthOf(context.out),
        ...(speed !== undefined && { more: [['speed', speed]] }),
      });
      return lines.map((line) =>
        line.startsWith('state ') ? styledState(line, value.state, context) : line,
      );
    });
    return EXIT.fine;
  },
});

/** The API tells no speed, but what finished tasks loaded and when. */
async function recentSpeed({ ask }: CommandContext, job: string): Promise<string | undefined> {
  const query = { status: 'DONE', limit: '20' };
  const { value } = await ask({ method: 'GET', path: `/jobs/${job}/tasks`, query }, taskList);
  return speedText(value.tasks);
}
