import type * as z from 'zod';
import { deadLetterList } from '../answers.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { age, grouped, oneLine } from '../figures.ts';
import { moreLines, PAGE_HELP, PAGE_OPTIONS, pageQuery } from '../pages.ts';
import { printAnswer, widthOf } from '../print.ts';
import { table } from '../table.ts';

type Letters = z.infer<typeof deadLetterList>['deadLetters'][number];

/** `dead-letters`: bad rows that wait. */
export const deadLetters = command({
  name: 'dead-letters',
  words: ['job'],
  summary: 'bad rows that wait to be loaded again, by the task that left them',
  options: PAGE_OPTIONS,
  help: PAGE_HELP,
  run: async ({ words: [job], values }, context) => {
    const path = `/jobs/${job}/dead-letters`;
    const query = pageQuery(values);
    const answer = await context.ask({ method: 'GET', path, query }, deadLetterList);
    const now = context.clock.now();
    printAnswer(context, answer, ({ deadLetters: letters, cursor }) => [
      ...(letters.length === 0
        ? ['no dead letters wait']
        : table(
            [
              { title: 'task' },
              { title: 'rows', right: true },
              { title: 'unknown', right: true },
              { title: 'when' },
              { title: 'again' },
              { title: 'where', wraps: true },
            ],
            letters.map((each) => cells(each, now)),
            widthOf(context.out),
          )),
      ...moreLines(context, ['dead-letters', job], cursor),
    ]);
    return EXIT.fine;
  },
});

function cells(letters: Letters, now: number): string[] {
  const { task, rows, notListed, notKept, at, again, location, partitions } = letters;
  const ranges = Object.entries(partitions)
    .map(([partition, { from, to }]) => `partition ${partition} [${from}, ${to})`)
    .join(', ');
  return [
    task,
    grouped(rows),
    grouped(notListed + notKept),
    age(at, now),
    again ? 'yes' : 'no',
    location === undefined ? `in the topic: ${ranges}` : oneLine(location),
  ];
}
