import type * as z from 'zod';
import { taskList } from '../answers.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { age, byteSize, duration, grouped, oneLine } from '../figures.ts';
import { moreLines, PAGE_HELP, PAGE_OPTIONS, pageQuery } from '../pages.ts';
import { printAnswer, widthOf } from '../print.ts';
import { table } from '../table.ts';

type Task = z.infer<typeof taskList>['tasks'][number];

/** `tasks`: what a job did. */
export const tasks = command({
  name: 'tasks',
  words: ['job'],
  summary: 'its tasks, live and finished ones',
  options: { ...PAGE_OPTIONS, status: { type: 'string' } },
  help: ['  --status S    only these, e.g. RUNNING or IN_DOUBT; several with commas', ...PAGE_HELP],
  run: async ({ words: [job], values }, context) => {
    const query = { ...pageQuery(values), status: values.status?.toUpperCase() };
    const answer = await context.ask(
      { method: 'GET', path: `/jobs/${job}/tasks`, query },
      taskList,
    );
    const typed = ['tasks', job, ...(query.status ? ['--status', query.status] : [])];
    printAnswer(context, answer, (page) => [
      ...(page.tasks.length === 0
        ? ['no tasks']
        : taskLines(page.tasks, { now: context.clock.now(), width: widthOf(context.out) })),
      ...moreLines(context, typed, page.cursor),
    ]);
    return EXIT.fine;
  },
});

function taskLines(
  all: readonly Task[],
  { now, width }: { readonly now: number; readonly width: number },
): string[] {
  return table(
    [
      { title: 'task' },
      { title: 'lane', right: true },
      { title: 'status' },
      { title: 'try', right: true },
      { title: 'offsets', right: true },
      { title: 'rows', right: true },
      { title: 'bad', right: true },
      { title: 'bytes', right: true },
      { title: 'planned' },
      { title: 'took', right: true },
      { title: 'error', least: 5 },
    ],
    all.map((task) => cells(task, now)),
    width,
  );
}

function cells(task: Task, now: number): string[] {
  const { statistics, createdAt, finishedAt, error } = task;
  return [
    task.id,
    String(task.lane),
    oneLine(task.status),
    String(task.attempt),
    grouped(task.offsets),
    statistics === undefined ? '' : grouped(statistics.rows),
    statistics === undefined ? '' : grouped(statistics.rejected),
    statistics === undefined ? '' : byteSize(statistics.bytes),
    age(createdAt, now),
    finishedAt === undefined ? '' : duration(Date.parse(finishedAt) - Date.parse(createdAt)),
    error === undefined ? '' : oneLine(error.code),
  ];
}
