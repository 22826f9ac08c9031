import { historyList } from '../answers.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { age, oneLine } from '../figures.ts';
import { moreLines, PAGE_HELP, PAGE_OPTIONS, pageQuery } from '../pages.ts';
import { printAnswer, widthOf } from '../print.ts';
import { table } from '../table.ts';

/** `history`: what happened to a job. */
export const history = command({
  name: 'history',
  words: ['job'],
  summary: 'why its state and specification changed, and what was lost',
  options: PAGE_OPTIONS,
  help: PAGE_HELP,
  run: async ({ words: [job], values }, context) => {
    const query = pageQuery(values);
    const path = `/jobs/${job}/history`;
    const answer = await context.ask({ method: 'GET', path, query }, historyList);
    const now = context.clock.now();
    printAnswer(context, answer, ({ entries, cursor }) => [
      ...table(
        [{ title: 'when' }, { title: 'what' }, { title: 'why', wraps: true }],
        entries.map(({ at, kind, to, reason }) => [
          age(at, now),
          oneLine(to ?? kind),
          `${oneLine(reason.code)}: ${oneLine(reason.message)}`,
        ]),
        widthOf(context.out),
      ),
      ...moreLines(context, ['history', job], cursor),
    ]);
    return EXIT.fine;
  },
});
