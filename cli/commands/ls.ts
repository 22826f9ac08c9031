import type * as z from 'zod';
import { jobList } from '../answers.ts';
import { type CommandContext, command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { age, oneLine } from '../figures.ts';
import { moreLines, PAGE_HELP, PAGE_OPTIONS, pageQuery } from '../pages.ts';
import { printAnswer, widthOf } from '../print.ts';
import { styledState } from '../style.ts';
import { table } from '../table.ts';

/** `ls`: all jobs. */
export const ls = command({
  name: 'ls',
  words: [],
  summary: 'all jobs, final ones too, newest first',
  options: { ...PAGE_OPTIONS, state: { type: 'string', multiple: true }, name: { type: 'string' } },
  help: [
    '  --state S     only jobs in this state, e.g. PAUSED; several with commas',
    '  --name PART   only jobs with this in their name',
    ...PAGE_HELP,
  ],
  run: async ({ values }, context) => {
    const { state, name } = values;
    const query = { ...pageQuery(values), state: state?.join(',').toUpperCase(), name };
    const answer = await context.ask({ method: 'GET', path: '/jobs', query }, jobList);
    printAnswer(context, answer, ({ jobs, cursor }) => [
      ...(jobs.length === 0 ? ['no jobs'] : jobLines(jobs, context)),
      ...moreLines(
        context,
        ['ls', ...(query.state ? ['--state', query.state] : []), ...(name ? ['--name', name] : [])],
        cursor,
      ),
    ]);
    return EXIT.fine;
  },
});

function jobLines(
  jobs: z.infer<typeof jobList>['jobs'],
  { clock, out, coloured }: CommandContext,
): string[] {
  const now = clock.now();
  const rows = jobs.map(({ id, name, state, topic, reason, nextResumeAt }) => [
    oneLine(name),
    oneLine(state),
    age(reason.at, now),
    nextResumeAt === undefined
      ? oneLine(reason.code)
      : `${oneLine(reason.code)}, resumes ${age(nextResumeAt, now)}`,
    oneLine(topic),
    oneLine(id),
  ]);
  const lines = table(
    [
      { title: 'name', least: 12 },
      { title: 'state' },
      { title: 'since' },
      { title: 'reason', least: 12 },
      { title: 'topic', least: 8 },
      { title: 'id' },
    ],
    rows,
    widthOf(out),
  );
  return lines.map((line, i) => styledState(line, jobs[i - 1]?.state, { coloured }));
}
