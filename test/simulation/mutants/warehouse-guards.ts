import type { Tables, Write } from '#shared/store/tables.ts';
import type { HttpAnswer } from '#shared/warehouse/exchange.ts';
import type { WarehouseLink } from '../../../functions/loader/sinks/stream-load/warehouse-link.ts';
import type { Mutant } from './mutant.ts';
import { reading, rewriting, transacting, without } from './rewrite.ts';

/** Guards of the sinks for Doris and StarRocks: what they ask for, what they make of the answers, and what dead attempts leave. */

type Request = Parameters<WarehouseLink['ask']>[0];

/** A link whose answers go through `change`. */
function answering(change: (body: string, request: Request) => string) {
  return (link: WarehouseLink): WarehouseLink => ({
    ...link,
    async ask(request): Promise<HttpAnswer> {
      const answer = await link.ask(request);
      return { ...answer, body: change(answer.body, request) };
    },
  });
}

const isCommit = ({ path, headers }: Request) =>
  path.endsWith('/commit') || headers.txn_operation === 'commit';

/** Labels are as if they had never been used. */
const withoutLabels = (body: string, { path }: Request) =>
  path.includes('get_load_state')
    ? JSON.stringify({ msg: 'success', code: 0, data: 'UNKNOWN', state: 'UNKNOWN' })
    : body;

/** What was committed before is as if it were unknown. */
const withoutRepetition = (body: string, request: Request) => {
  if (!isCommit(request)) return withoutLabels(body, request);
  if (/already visible/.test(body)) {
    return JSON.stringify({ status: 'ANALYSIS_ERROR', msg: 'transaction [1] not found' });
  }
  return /has already committed/.test(body)
    ? JSON.stringify({ Status: 'FAILED', Message: 'No transaction found by label' })
    : body;
};

/** What is gone is taken for committed. */
const withoutDoubt = (body: string, request: Request) =>
  isCommit(request) &&
  /not found|already aborted|No transaction found|Can not commit ABORTED/.test(body)
    ? JSON.stringify({ status: 'Success', Status: 'OK', msg: '', Message: '' })
    : body;

const isNote = ({ key }: Write) => key.pk.startsWith('LEFT#');

/** What may be left behind is not written down. */
const withoutNotes = (tables: Tables): Tables =>
  transacting(tables, (writes, token) =>
    tables.transact(
      writes.filter((write) => !isNote(write)),
      token,
    ),
  );

/** What was just noted is looked for at once, and then no more. */
const withoutPatience = (tables: Tables): Tables => {
  const old = reading(tables, (item) => ('attempts' in item ? { ...item, at: 0 } : item));
  return rewriting(old, (write) => (isNote(write) ? without(write, 'at') : write));
};

export const WAREHOUSE_GUARDS: readonly Mutant[] = [
  {
    guard: 'doris: a load is only pre-committed',
    sink: 'doris',
    sabotage: () => ({
      link: (link) => ({
        ...link,
        upload: ({ headers, ...request }) => {
          const { two_phase_commit: _, ...others } = headers;
          return link.upload({ ...request, headers: others });
        },
      }),
    }),
  },
  {
    guard: 'doris: what was committed before counts as committed',
    sink: 'doris',
    sabotage: () => ({ link: answering(withoutRepetition) }),
  },
  {
    guard: 'doris: a transaction that a frontend does not know is looked for by its label',
    sink: 'doris',
    sabotage: () => ({ link: answering(withoutLabels) }),
  },
  {
    guard: 'doris: what is aborted or forgotten is in doubt',
    sink: 'doris',
    sabotage: () => ({ link: answering(withoutDoubt) }),
  },
  {
    guard: 'doris: attempts that may leave something behind are noted',
    sink: 'doris',
    sabotage: () => ({ tables: withoutNotes }),
  },
  {
    guard: 'starrocks: what was committed before counts as committed',
    sink: 'starrocks',
    sabotage: () => ({ link: answering(withoutRepetition) }),
  },
  {
    guard: 'starrocks: what is aborted or forgotten is in doubt',
    sink: 'starrocks',
    sabotage: () => ({ link: answering(withoutDoubt) }),
  },
  {
    guard: 'starrocks: labels that are noted are aborted when no zombie is left to use them',
    sink: 'starrocks',
    sabotage: () => ({ tables: withoutPatience }),
  },
];
