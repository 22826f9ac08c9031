import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseAttemptLabel } from '#shared/domain/task.ts';
import { startDoris } from '../../support/doris/doris-double.ts';
import { startStarrocks } from '../../support/starrocks/starrocks-double.ts';
import { SECRET } from '../../support/warehouse/sink-over.ts';
import type { Transactions } from '../../support/warehouse/transactions.ts';
import { type ChaosDestination, type DestinationFault, queuedFault } from './destination.ts';

const DATABASE = 'chaos';
const CLUSTER = { frontends: 2, backends: 3 } as const;

/** A Doris of several frontends and backends. @param slowMs longer than a loader waits for an answer */
export async function dorisDestination(slowMs: number): Promise<ChaosDestination> {
  const double = await startDoris(CLUSTER);
  double.slowMs = slowMs;
  const { faults } = double;
  return warehouse('doris', double, [
    queuedFault(faults, 'lose-load-answer', 'doris: answers lost behind a load'),
    queuedFault(faults, 'lose-commit-answer', 'doris: answers lost behind a commit'),
    queuedFault(faults, 'commit-publish-timeout', 'doris: commits with a publish time-out'),
    queuedFault(faults, 'die-before-commit', 'doris: frontends that died before a commit'),
    queuedFault(faults, 'die-in-load', 'doris: backends that died in a load'),
    queuedFault(faults, 'too-many-versions', 'doris: too many versions'),
    queuedFault(faults, 'unavailable', 'doris: 503'),
    queuedFault(faults, 'slow', 'doris: requests held up for longer than they are waited for'),
  ]);
}

/** A StarRocks of several frontends and backends. @param slowMs longer than a loader waits for an answer */
export async function starrocksDestination(slowMs: number): Promise<ChaosDestination> {
  const double = await startStarrocks(CLUSTER);
  double.slowMs = slowMs;
  const { faults } = double;
  return warehouse('starrocks', double, [
    queuedFault(faults, 'lose-prepare-answer', 'starrocks: answers lost behind a prepare'),
    queuedFault(faults, 'lose-commit-answer', 'starrocks: answers lost behind a commit'),
    queuedFault(faults, 'commit-publish-timeout', 'starrocks: commits with a publish time-out'),
    queuedFault(faults, 'die-before-commit', 'starrocks: frontends that died before a commit'),
    queuedFault(faults, 'die-in-load', 'starrocks: backends that died in a load'),
    queuedFault(faults, 'gone-before-prepare', 'starrocks: transactions that timed out'),
    queuedFault(faults, 'too-many-versions', 'starrocks: too many versions'),
    queuedFault(faults, 'unavailable', 'starrocks: 503'),
    queuedFault(faults, 'slow', 'starrocks: requests held up for longer than they are waited for'),
  ]);
}

type Double = Pick<
  Awaited<ReturnType<typeof startDoris | typeof startStarrocks>>,
  'frontends' | 'backends' | 'transactions' | 'login' | 'addresses' | 'close'
>;

function warehouse(
  name: 'doris' | 'starrocks',
  double: Double,
  faults: readonly DestinationFault[],
): ChaosDestination {
  const { transactions } = double;
  const { user, password } = double.login;
  return {
    name,
    environment: {},
    secrets: { [SECRET]: { username: user, password } },
    destinationOf: (_, table) => ({
      [name]: {
        frontends: double.addresses(),
        tls: false,
        database: DATABASE,
        table,
        secretArn: SECRET,
        metadata: ['_partition', '_offset'],
      },
    }),
    formatOf: () => 'ndjson',
    faults: [...faults, forgetting(name, transactions)],
    async restart() {
      for (const server of [...double.frontends, ...double.backends]) await server.restart();
    },
    async collect(table, directory) {
      await mkdir(directory, { recursive: true });
      const lines = Readable.from(transactions.visible(table).map((row) => `${row}\n`));
      await pipeline(lines, createWriteStream(join(directory, 'visible.ndjson')));
    },
    hidesLeftovers: true,
    leftovers: async (tables) =>
      transactions.all
        .filter(({ table, state }) => tables.includes(table) && state === 'PRECOMMITTED')
        .map(({ label, id }) => `transaction ${id} of label ${label}`),
    close: () => double.close(),
  };
}

/**
 * What time and many later loads do. Only tasks that are done are forgotten: else a commit that was not confirmed
 * would be in doubt, and that would be no fault of the product.
 */
function forgetting(name: string, transactions: Transactions): DestinationFault {
  return {
    words: `${name}: labels of finished tasks forgotten`,
    async strike({ finishedTasks }) {
      const finished = new Set<string>();
      for await (const task of finishedTasks()) finished.add(task);
      const labels = transactions.all
        .filter(({ state }) => state === 'VISIBLE')
        .map(({ label }) => label)
        .filter((label) => finished.has(parseAttemptLabel(label)?.taskId ?? ''));
      for (const label of labels) transactions.forget(label);
      return labels.length > 0;
    },
  };
}
