import type * as z from 'zod';
import { errorList } from '../answers.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { age, counted, oneLine } from '../figures.ts';
import { moreLines, PAGE_HELP, PAGE_OPTIONS, pageQuery } from '../pages.ts';
import { printAnswer, widthOf } from '../print.ts';
import { cut, wrapped } from '../table.ts';

type FaultyTask = z.infer<typeof errorList>['tasks'][number];

/** `errors`: tasks that failed, and samples of bad rows. */
export const errors = command({
  name: 'errors',
  words: ['job'],
  summary: 'tasks with an error or with bad rows, and samples of these',
  options: PAGE_OPTIONS,
  help: PAGE_HELP,
  run: async ({ words: [job], values }, context) => {
    const path = `/jobs/${job}/errors`;
    const query = pageQuery(values);
    const answer = await context.ask({ method: 'GET', path, query }, errorList);
    const layout = { now: context.clock.now(), width: widthOf(context.out) };
    printAnswer(context, answer, ({ tasks, cursor }) => [
      ...(tasks.length === 0 ? ['no errors'] : tasks.flatMap((task) => taskLines(task, layout))),
      ...moreLines(context, ['errors', job], cursor),
    ]);
    return EXIT.fine;
  },
});

const INDENT = '  ';

function taskLines(
  { id, status, createdAt, rejected, error, badRows }: FaultyTask,
  { now, width }: { readonly now: number; readonly width: number },
): string[] {
  const inner = width - INDENT.length;
  const rows = badRows.flatMap(({ partition, offset, column, reason, excerpt }) => {
    const place =
      partition === undefined ? 'place unknown' : `partition ${partition} offset ${offset ?? '?'}`;
    const where = column === undefined ? place : `${place} column ${oneLine(column)}`;
    return [
      ...wrapped(`${where}: ${oneLine(reason)}`, inner),
      cut(`${INDENT}${oneLine(excerpt)}`, inner),
    ];
  });
  return [
    `task ${id}  ${oneLine(status)}  planned ${age(createdAt, now)}  ${counted(rejected, 'bad row')}`,
    ...[
      ...(error === undefined
        ? []
        : wrapped(
            `attempt ${error.attempt} ${age(error.at, now)}: ${oneLine(error.code)}: ${oneLine(error.message)}`,
            inner,
          )),
      ...rows,
    ].map((line) => `${INDENT}${line}`),
  ];
}
