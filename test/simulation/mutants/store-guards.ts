import { OutcomeUnknown } from '#shared/store/tables.ts';
import type { Mutant } from './mutant.ts';
import {
  answering,
  isAdvance,
  isCancel,
  isClaim,
  isDecision,
  isDone,
  isJob,
  isPlan,
  isReoffer,
  reading,
  rewriting,
  transacting,
  without,
} from './rewrite.ts';

/** Guards that are conditions of writes, or what is made of their answers. */
export const STORE_GUARDS: readonly Mutant[] = [
  {
    guard: 'fence on the decision: RUNNING and this attempt',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) =>
          isDecision(write) ? without(write, 'status', 'attempt') : write,
        ),
    }),
  },
  {
    guard: 'fence on the end of a task: RUNNING, this attempt, decided',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) =>
          isDone(write) ? without(write, 'status', 'attempt', 'decision') : write,
        ),
    }),
  },
  {
    guard: 'the lane moves only from its task, at its revision',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) =>
          isAdvance(write) || isDone(write)
            ? without(write, 'taskId', 'revision', 'status', 'attempt')
            : write,
        ),
    }),
  },
  {
    guard: "a plan needs the lane's revision",
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) => (isPlan(write) ? without(write, 'revision') : write)),
    }),
  },
  {
    guard: 'a plan needs an idle lane',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) =>
          isPlan(write) ? without(write, 'taskId', 'revision') : write,
        ),
    }),
  },
  {
    guard: 'a claim needs PENDING and the attempt before',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) =>
          isClaim(write) ? without(write, 'status', 'attempt') : write,
        ),
    }),
  },
  {
    guard: 'only the task as it was read is cancelled: not claimed since, not decided',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) =>
          isCancel(write) ? without(write, 'status', 'attempt', 'decision') : write,
        ),
    }),
  },
  {
    guard: 'a job is written only as it was read (change token)',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) => (isJob(write) ? without(write, 'changeToken') : write)),
    }),
  },
  {
    guard: 'a lease is respected until it has run out',
    sabotage: () => ({
      tables: (tables, process) => {
        if (process.kind !== 'scheduler') return tables;
        const ignoring = rewriting(tables, (write) =>
          isReoffer(write) ? without(write, 'leaseUntil') : write,
        );
        return reading(ignoring, (item) => (item.leaseUntil ? { ...item, leaseUntil: 1 } : item));
      },
    }),
  },
  {
    guard: 'an unknown decision is not believed lost',
    sabotage: () => ({
      tables: (tables) =>
        answering(tables, (write, answer) =>
          isDecision(write)
            ? answer.catch((error: unknown) => {
                if (error instanceof OutcomeUnknown) return { applied: false };
                throw error;
              })
            : answer,
        ),
    }),
  },
  {
    guard: 'an unknown decision is not believed won',
    sabotage: () => ({
      tables: (tables) =>
        answering(tables, (write, answer) =>
          isDecision(write)
            ? answer.catch((error: unknown) => {
                if (error instanceof OutcomeUnknown) return { applied: true };
                throw error;
              })
            : answer,
        ),
    }),
  },
  {
    guard: 'a failed condition is compared with what this writer would have left',
    sabotage: () => ({
      tables: (tables) =>
        answering(tables, async (write, answer) => {
          const outcome = await answer;
          return isDecision(write) && !outcome.applied ? { applied: false } : outcome;
        }),
    }),
  },
  {
    guard: 'the successor is made in the transaction that moves the lane',
    sabotage: () => ({
      tables: (tables) =>
        transacting(tables, async (writes, token) => {
          const [done, advance, successor] = writes;
          if (!done || !advance || !successor || !isAdvance(advance)) {
            return tables.transact(writes, token);
          }
          const outcome = await tables.transact([done, advance], token);
          if (outcome.applied) await tables.write(successor);
          return outcome;
        }),
    }),
  },
  {
    guard: 'a task ends and its lane moves in one transaction',
    sabotage: () => ({
      tables: (tables) =>
        transacting(tables, async (writes, token) => {
          const [done, ...rest] = writes;
          if (!done || !isDone(done) || rest.length === 0) return tables.transact(writes, token);
          const outcome = await tables.transact([done], token);
          return outcome.applied ? tables.transact(rest, `${token}b`) : outcome;
        }),
    }),
  },
  {
    guard: 'a task is made and given its lane in one transaction',
    sabotage: () => ({
      tables: (tables) =>
        transacting(tables, async (writes, token) => {
          const [task, lane] = writes;
          if (!task || !lane || !isPlan(lane)) return tables.transact(writes, token);
          const outcome = await tables.write(task);
          if (!outcome.applied) return { applied: false, failed: new Set([0]) };
          return tables.transact([lane], token);
        }),
    }),
  },
];
