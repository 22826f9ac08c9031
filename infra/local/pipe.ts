import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Clock } from '#shared/clock.ts';
import type { FilterCriteria } from '../settings/dispatch.ts';
import { eventFilter } from './event-pattern.ts';
import { fillTemplate } from './input-template.ts';
import { toLambdaRecord } from './stream-record.ts';

/** What the pipe connects. */
export interface PipeSettings {
  readonly streams: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly filter: FilterCriteria;
  /** @default the record as it is */
  readonly inputTemplate?: string | undefined;
  /** Takes a bare array of one record, or what the template makes of it; resolves when it has room for the next, not when it is done. */
  readonly target: (records: unknown[]) => Promise<void>;
  readonly clock: Clock;
  /** Told of errors of the stream; the pipe goes on by itself. */
  readonly onError: (error: unknown) => void;
  /** Pause after a round that brought nothing. @default 100 */
  readonly idleMs?: number;
}

/** A running pipe. */
export interface Pipe {
  /** Resolves when the last record was handed over and no more will be. */
  close(): Promise<void>;
}

/** How long the list of shards is believed while none of them has ended. */
const SHARDS_VALID_MS = 10_000;
const ERROR_PAUSE_MS = 1_000;

/** Where reading of a shard stands: the checkpoint, kept in memory only since the table is the truth. */
interface ShardPosition {
  readonly id: string;
  readonly parent: string | undefined;
  iterator?: string | undefined;
  lastSequence?: string | undefined;
  ended: boolean;
}

/**
 * Stands for an EventBridge Pipe from a table's stream to a function, invoked FIRE_AND_FORGET with one
 * record at a time.
 *
 * - starts at TRIM_HORIZON, reads a shard's children only after the shard, delivers at least once;
 * - hands over every record that passes the filter, in the order of its shard.
 */
export function startPipe(settings: PipeSettings): Pipe {
  const stop = new AbortController();
  const reader = new ShardReader(settings);
  const running = (async () => {
    while (!stop.signal.aborted) {
      const pauseMs = await round(settings, reader);
      if (pauseMs > 0) await settings.clock.sleep(pauseMs, stop.signal).catch(() => undefined);
    }
  })();
  return {
    close: () => {
      stop.abort();
      return running;
    },
  };
}

/** One look at every shard. @returns how long to pause before the next, in ms */
async function round(settings: PipeSettings, reader: ShardReader): Promise<number> {
  try {
    const records = await reader.readAll();
    return records > 0 ? 0 : (settings.idleMs ?? 100);
  } catch (error) {
    settings.onError(error);
    return ERROR_PAUSE_MS;
  }
}

class ShardReader {
  readonly #settings: PipeSettings;
  readonly #passes: (event: unknown) => boolean;
  readonly #shards = new Map<string, ShardPosition>();
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: PipeSettings) {
    this.#settings = settings;
    this.#passes = eventFilter(settings.filter);
  }

  /** @returns how many records it saw, the filtered ones included */
  async readAll(): Promise<number> {
    if (this.#settings.clock.now() - this.#listedAt > SHARDS_VALID_MS) await this.#listShards();
    let records = 0;
    for (const shard of this.#shards.values()) {
      if (!shard.ended && this.#parentIsRead(shard)) records += await this.#read(shard);
    }
    return records;
  }

  #parentIsRead(shard: ShardPosition): boolean {
    const parent = shard.parent === undefined ? undefined : this.#shards.get(shard.parent);
    return parent === undefined || parent.ended;
  }

  async #listShards(): Promise<void> {
    const listed = new Map<string, Shard>();
    let after: string | undefined;
    do {
      const { StreamDescription } = await this.#settings.streams.send(
        new DescribeStreamCommand({
          StreamArn: this.#settings.streamArn,
          ...(after === undefined ? {} : { ExclusiveStartShardId: after }),
        }),
      );
      for (const shard of StreamDescription?.Shards ?? []) {
        if (shard.ShardId !== undefined) listed.set(shard.ShardId, shard);
      }
      after = StreamDescription?.LastEvaluatedShardId;
    } while (after !== undefined);
    for (const id of this.#shards.keys()) if (!listed.has(id)) this.#shards.delete(id);
    for (const [id, { ParentShardId }] of listed) {
      if (!this.#shards.has(id)) this.#shards.set(id, { id, parent: ParentShardId, ended: false });
    }
    this.#listedAt = this.#settings.clock.now();
  }

  async #read(shard: ShardPosition): Promise<number> {
    const { streams, streamArn, target } = this.#settings;
    const page = await this.#forgetOnError(shard, async () => {
      shard.iterator ??= await this.#iteratorOf(shard);
      return streams.send(new GetRecordsCommand({ ShardIterator: shard.iterator }));
    });
    const records = page?.Records ?? [];
    for (const record of records) {
      const event = toLambdaRecord(record, streamArn);
      if (this.#passes(event)) await target([this.#inputOf(event)]);
      shard.lastSequence = record.dynamodb?.SequenceNumber;
    }
    if (page !== undefined) shard.iterator = page.NextShardIterator;
    if (page !== undefined && page.NextShardIterator === undefined) {
      shard.ended = true;
      this.#listedAt = Number.NEGATIVE_INFINITY;
    }
    return records.length;
  }

  #inputOf(event: DynamoDBRecord): unknown {
    const { inputTemplate } = this.#settings;
    return inputTemplate === undefined ? event : fillTemplate(inputTemplate, event);
  }

  async #iteratorOf(shard: ShardPosition): Promise<string | undefined> {
    const { ShardIterator } = await this.#settings.streams.send(
      new GetShardIteratorCommand({
        StreamArn: this.#settings.streamArn,
        ShardId: shard.id,
        ...(shard.lastSequence === undefined
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: shard.lastSequence }),
      }),
    );
    return ShardIterator;
  }

  /** After an error the shard is taken up again at its checkpoint; what was trimmed meanwhile is re-offered. */
  async #forgetOnError<T>(shard: ShardPosition, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      shard.iterator = undefined;
      const name = error instanceof Error ? error.name : '';
      if (name === 'ExpiredIteratorException') return undefined;
      if (name === 'TrimmedDataAccessException') {
        shard.lastSequence = undefined;
        return undefined;
      }
      if (name === 'ResourceNotFoundException') this.#listedAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }
}
