import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { RawRequest } from '#shared/kafka/kafkajs-inside.ts';
import type { MakeRequest } from '#shared/kafka/link-pool.ts';
import type { ClusterMetadata, PartitionMetadata } from '#shared/kafka/metadata-request.ts';
import { WireReader, WireWriter } from '#shared/kafka/wire.ts';
import type { FetchLink } from '../../../../functions/loader/kafka/slice-reader.ts';
import { madeBatch } from './made-batches.ts';

/** A cluster in memory that can be told to fail in ways that a real one cannot be. */

const FETCH = 1;

/** A Fetch as it arrived. */
export interface SeenFetch {
  readonly node: number;
  readonly maxBytes: number;
  readonly rackId: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly offset: bigint;
    readonly leaderEpoch: number;
    readonly maxBytes: number;
  }[];
}

/** One partition's part of an answer; what is left out is as of a broker without trouble. */
export interface MadePart {
  readonly errorCode?: number;
  readonly end?: bigint;
  readonly preferredReadReplica?: number;
  readonly records?: Buffer;
}

interface MadeLog {
  leader: number;
  epoch: number;
  start: bigint;
  end: bigint;
  readonly batches: { readonly base: bigint; readonly next: bigint; readonly bytes: Buffer }[];
}

export class MadeCluster implements FetchLink {
  readonly topic = 'flights';
  readonly logs = new Map<number, MadeLog>();
  readonly fetches: SeenFetch[] = [];
  /** Metadata requests so far. */
  looks = 0;
  /** ms that an answer takes. */
  latencyMs = 1;
  throttleMs = 0;
  isClosed = false;
  /** An old cluster, which takes topics by name alone. */
  readonly versions = new Map([[FETCH, { min: 4, max: 11 }]]);
  /** As metadata tells it. */
  topicId: string | undefined;
  /** Replaces a part of an answer, or the whole by throwing. */
  onFetch: (fetch: SeenFetch, partition: number) => MadePart | undefined = () => undefined;
  /** Called before metadata is given; may throw. */
  onLook: () => void = () => {};
  readonly #clock: Clock;
  #led = new Map<number, number>();
  #epochs = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A partition with batches of `perBatch` records. */
  fill(
    partition: number,
    options: {
      batches: number;
      perBatch: number;
      leader?: number;
      /** @default the offset */
      valueAt?: (offset: bigint) => string | null;
    },
  ): void {
    const { batches, perBatch, leader = 1, valueAt = String } = options;
    const log: MadeLog = { leader, epoch: 0, start: 0n, end: 0n, batches: [] };
    for (let i = 0; i < batches; i += 1) {
      const base = log.end;
      log.end = base + BigInt(perBatch);
      const records = Array.from({ length: perBatch }, (_, delta) => ({
        delta,
        value: valueAt(base + BigInt(delta)),
      }));
      log.batches.push({ base, next: log.end, bytes: madeBatch({ baseOffset: base, records }) });
    }
    this.logs.set(partition, log);
  }

  leaders(_: string, partitions: readonly number[]): Map<number, number[]> {
    const byNode = new Map<number, number[]>();
    for (const partition of partitions) {
      const leader = this.#led.get(partition) ?? -1;
      if (leader >= 0) byNode.set(leader, [...(byNode.get(leader) ?? []), partition]);
    }
    return byNode;
  }

  leaderEpoch(_: string, partition: number): number {
    return this.#epochs.get(partition) ?? -1;
  }

  async refreshMetadata(): Promise<ClusterMetadata> {
    this.looks += 1;
    await this.#clock.sleep(this.latencyMs);
    this.onLook();
    this.#led = new Map([...this.logs].map(([partition, { leader }]) => [partition, leader]));
    this.#epochs = new Map([...this.logs].map(([partition, { epoch }]) => [partition, epoch]));
    const partitions = new Map<number, PartitionMetadata>(
      [...this.logs].map(([partition, { leader, epoch }]) => [
        partition,
        { partition, errorCode: 0, leader, leaderEpoch: epoch },
      ]),
    );
    const topic = { topic: this.topic, topicId: this.topicId, errorCode: 0, partitions };
    return { brokers: new Map(), topics: new Map([[this.topic, topic]]) };
  }

  async send(node: number | 'any', asked: RawRequest | MakeRequest): Promise<Buffer> {
    const request = typeof asked === 'function' ? asked(this.versions) : asked;
    if (node === 'any') throw new Error('a slice is read from nodes');
    const body = Buffer.from(request.body);
    await this.#clock.sleep(this.latencyMs);
    if (this.isClosed) throw new LoadFailure('BROKER_UNREACHABLE', 'the link is closed');
    return request.apiKey === FETCH ? this.#fetch(node, body) : this.#listOffsets(body);
  }

  /** Whoever still looks at an answer that was given back sees what no batch has. */
  reuse(answer: Buffer): void {
    answer.fill(0xdb);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #fetch(node: number, body: Buffer): Buffer {
    const reader = new WireReader(body);
    reader.skip(12);
    const maxBytes = reader.int32();
    reader.skip(13);
    reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      const leaderEpoch = reader.int32();
      const offset = reader.int64();
      reader.int64();
      return { partition, offset, leaderEpoch, maxBytes: reader.int32() };
    });
    reader.int32();
    const fetch = { node, maxBytes, rackId: reader.string() ?? '', partitions };
    this.fetches.push(fetch);
    const writer = new WireWriter().int32(this.throttleMs).int16(0).int32(0);
    if (this.throttleMs > 0) {
      this.throttleMs = 0;
      return writer.int32(0).finish();
    }
    writer.int32(1).string(this.topic).int32(partitions.length);
    for (const asked of partitions) {
      const part = this.onFetch(fetch, asked.partition) ?? this.#part(node, asked);
      const end = part.end ?? this.logs.get(asked.partition)?.end ?? -1n;
      const records = part.records ?? Buffer.alloc(0);
      writer
        .int32(asked.partition)
        .int16(part.errorCode ?? 0)
        .int64(end)
        .int64(end)
        .int64(-1n);
      writer
        .int32(-1)
        .int32(part.preferredReadReplica ?? -1)
        .int32(records.length)
        .bytes(records);
    }
    return writer.finish();
  }

  #part(node: number, asked: SeenFetch['partitions'][number]): MadePart {
    const log = this.logs.get(asked.partition);
    if (!log) return { errorCode: 3 };
    if (log.leader !== node) return { errorCode: 6 };
    if (asked.leaderEpoch >= 0 && asked.leaderEpoch !== log.epoch) {
      return { errorCode: asked.leaderEpoch < log.epoch ? 74 : 75 };
    }
    if (asked.offset < log.start || asked.offset > log.end) return { errorCode: 1 };
    return { records: this.recordsFrom(asked.partition, asked.offset, asked.maxBytes) };
  }

  /** Batches from the one with the offset; the first whole, the last cut off at `maxBytes`. */
  recordsFrom(partition: number, offset: bigint, maxBytes = 1_000_000): Buffer {
    const batches = this.logs.get(partition)?.batches.filter(({ next }) => next > offset) ?? [];
    const first = batches[0]?.bytes.length ?? 0;
    const all = Buffer.concat(batches.map(({ bytes }) => bytes));
    return all.subarray(0, Math.max(first, maxBytes));
  }

  #listOffsets(body: Buffer): Buffer {
    const reader = new WireReader(body);
    reader.skip(5 + 4);
    reader.string();
    reader.skip(4);
    const partition = reader.int32();
    const isEarliest = reader.int64() === -2n;
    const log = this.logs.get(partition);
    return new WireWriter()
      .int32(0)
      .int32(1)
      .string(this.topic)
      .int32(1)
      .int32(partition)
      .int16(0)
      .int64(-1n)
      .int64((isEarliest ? log?.start : log?.end) ?? -1n)
      .finish();
  }
}
