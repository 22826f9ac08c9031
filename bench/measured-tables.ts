import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '#shared/clock.ts';
import { connectDynamoDb } from '#shared/store/connect.ts';
import { makeDynamoDbTables } from '#shared/store/dynamodb-tables.ts';
import type { Tables } from '#shared/store/tables.ts';
import { createTables } from '../infra/local/tables.ts';

/** Calls and capacity units that DynamoDB reported since the last {@link MeasuredTables.take}. */
export interface Usage {
  readonly calls: number;
  /** As billed on demand; transactions count twice, as they do there. */
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** New tables whose cost is counted. */
export interface MeasuredTables {
  readonly tables: Tables;
  take(): Usage;
}

const NOTHING: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };

/** New tables on DynamoDB Local, counting what every call costs. */
export async function makeMeasuredTables(endpoint: string): Promise<MeasuredTables> {
  const client = connectDynamoDb(endpoint, process.env);
  const id = randomUUID();
  await createTables(client, { jobsTable: `jobs-${id}`, tasksTable: `tasks-${id}` });
  let usage = NOTHING;
  countUnits(client, (more) => {
    usage = {
      calls: usage.calls + 1,
      readUnits: usage.readUnits + more.readUnits,
      writeUnits: usage.writeUnits + more.writeUnits,
    };
  });
  const tables = makeDynamoDbTables({
    client,
    tableNames: { jobs: `jobs-${id}`, tasks: `tasks-${id}` },
    clock: systemClock,
    random: Math.random,
  });
  return {
    tables,
    take() {
      const taken = usage;
      usage = NOTHING;
      return taken;
    },
  };
}

const READS: ReadonlySet<string> = new Set(['GetItemCommand', 'QueryCommand']);

function countUnits(client: DynamoDBClient, count: (more: Omit<Usage, 'calls'>) => void): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const result = await next({ ...args, input });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: unknown };
      const units = [ConsumedCapacity].flat().reduce((sum: number, part) => {
        const given = (part as { CapacityUnits?: number } | undefined)?.CapacityUnits;
        return sum + (given ?? 0);
      }, 0);
      const isRead = READS.has(context.commandName ?? '');
      count({ readUnits: isRead ? units : 0, writeUnits: isRead ? 0 : units });
      return result;
    },
    { step: 'initialize', name: 'countUnits' },
  );
}
