import type * as z from 'zod';
import type { taskList } from './answers.ts';
import { byteSize, counted, duration, grouped } from './figures.ts';

type FinishedTask = z.infer<typeof taskList>['tasks'][number];

/** Rows and bytes a second of some finished tasks, from the planning of the first to the end of the last. */
export function speedText(tasks: readonly FinishedTask[]): string | undefined {
  const done = tasks.flatMap(({ createdAt, finishedAt, statistics }) =>
    finishedAt === undefined || statistics === undefined
      ? []
      : [{ from: Date.parse(createdAt), to: Date.parse(finishedAt), ...statistics }],
  );
  if (done.length === 0) return undefined;
  const span = Math.max(...done.map(({ to }) => to)) - Math.min(...done.map(({ from }) => from));
  const seconds = Math.max(span, 1) / 1_000;
  const sum = (read: (task: (typeof done)[number]) => number) =>
    done.reduce((total, task) => total + read(task), 0) / seconds;
  const rows = grouped(sum((task) => task.rows));
  const bytes = byteSize(Math.round(sum((task) => task.bytes)));
  return `${rows} rows/s, ${bytes}/s over the last ${counted(done.length, 'task')}, ${duration(span)}`;
}
