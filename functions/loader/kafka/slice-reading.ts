import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import type {
  OversizedRecords,
  RecordConsumer,
  RecordView,
  SliceRead,
  SliceRequest,
} from '../records.ts';
import { AnswerIntake, OutOfRange } from './answer-intake.ts';
import { Arrivals } from './arrivals.ts';
import { BatchWalk, DamagedBatch } from './batch-walk.ts';
import { type FetchArrival, FetchDispatch } from './fetch-dispatch.ts';
import type { FetchedPartition } from './fetch-response.ts';
import type { FetchSettings } from './fetch-settings.ts';
import { LeaderRecovery } from './leader-recovery.ts';
import { outOfRange } from './out-of-range.ts';
import { PartitionProgress } from './partition-progress.ts';
import { ReadingStop } from './reading-stop.ts';
import { RecordCursor } from './record-cursor.ts';

/** What reading one slice needs. */
export interface SliceReadingDeps {
  readonly link: Pick<
    ClusterLink,
    'leaders' | 'leaderEpoch' | 'refreshMetadata' | 'reuse' | 'send'
  >;
  readonly clock: Clock;
  readonly settings: FetchSettings;
}

type Arrival = FetchArrival | { readonly kind: 'looked' } | { readonly kind: 'woken' };

/**
 * Reads one slice.
 *
 * - One fetch is under way to each broker while the answer before it is walked.
 * - Answers are walked one after the other: the consumer is never called from two places.
 * - An answer counts only if it was asked for at the partition's position: whatever is late, repeated or
 *   was asked for on the strength of a damaged batch is passed over.
 */
export class SliceReading {
  readonly #request: SliceRequest;
  readonly #consumer: RecordConsumer;
  readonly #deps: SliceReadingDeps;
  readonly #arrivals = new Arrivals<Arrival>();
  readonly #stop: ReadingStop;
  readonly #dispatch: FetchDispatch;
  readonly #recovery: LeaderRecovery;
  readonly #intake: AnswerIntake;
  readonly #cursor = new RecordCursor();
  readonly #accept: (record: RecordView) => void;
  readonly #passOver: (records: OversizedRecords) => boolean;
  /** In the order in which they are asked for: who was served goes to the end. */
  readonly #unfinished = new Map<number, PartitionProgress>();
  readonly #all: readonly PartitionProgress[];
  #isEnded = false;
  #quietSince: number;
  #trouble: LoadFailure | undefined;

  constructor(request: SliceRequest, consumer: RecordConsumer, deps: SliceReadingDeps) {
    const { topic, topicId, isolation, deadline, signal } = request;
    const { link, clock, settings } = deps;
    this.#request = request;
    this.#consumer = consumer;
    this.#deps = deps;
    this.#accept = (record) => consumer.accept(record);
    this.#all = [...request.slice].map(
      ([partition, range]) =>
        new PartitionProgress(partition, { ...range, epoch: request.epochs?.get(partition) }),
    );
    for (const progress of this.#all) {
      if (!progress.isDone) this.#unfinished.set(progress.partition, progress);
    }
    this.#quietSince = clock.now();
    const woken = () => this.#arrivals.post({ kind: 'woken' });
    this.#stop = new ReadingStop({ clock, deadline, signal }, woken);
    const shared = { link, clock, settings, topic, topicId, ended: this.#stop.ended };
    this.#passOver = (records) => consumer.passOver?.(records) ?? false;
    this.#intake = new AnswerIntake({ topic, isolation, settings, passOver: this.#passOver });
    this.#dispatch = new FetchDispatch({
      ...shared,
      isolation,
      onArrival: (arrival) => this.#arrivals.post(arrival),
      onRested: woken,
    });
    this.#recovery = new LeaderRecovery({
      ...shared,
      onLooked: () => this.#arrivals.post({ kind: 'looked' }),
    });
  }

  /** Runs once. Its failures are those of `SliceReader.read`. */
  async run(): Promise<SliceRead> {
    try {
      this.#recovery.recall([...this.#unfinished.values()]);
      while (this.#unfinished.size > 0 && !this.#isEnded && !this.#stop.isDue()) {
        this.#recovery.look(this.#lost());
        this.#dispatch.send(this.#unfinished.values());
        await this.#handle(await this.#arrivals.next());
      }
      this.#requireSomething();
    } catch (error) {
      throw error instanceof OutOfRange ? await this.#outOfRange(error) : error;
    } finally {
      this.#stop.dispose();
    }
    return {
      to: new Map(this.#all.map(({ partition, position }) => [partition, position])),
      epochs: new Map(
        this.#all.flatMap(({ partition, epoch }) => (epoch < 0 ? [] : [[partition, epoch]])),
      ),
      ends: new Map(
        this.#all.flatMap(({ partition, end }) => (end === undefined ? [] : [[partition, end]])),
      ),
    };
  }

  async #handle(arrival: Arrival): Promise<void> {
    switch (arrival.kind) {
      case 'answer': {
        this.#dispatch.release(arrival.node, arrival.answer.throttleMs);
        this.#quietSince += arrival.answer.throttleMs;
        await this.#take(arrival);
        // Consumers copy what they keep of a record. After a failure the memory is left alone.
        this.#deps.link.reuse(arrival.body);
        return;
      }
      case 'failed': {
        this.#dispatch.release(arrival.node, 0);
        if (!arrival.failure.retryable) throw arrival.failure;
        this.#intake.lose(this.#askedOf(arrival));
        this.#note(arrival.failure);
        return;
      }
      case 'looked': {
        const failure = this.#recovery.settle(this.#lost());
        if (failure) this.#note(failure);
        return;
      }
      case 'woken':
        return;
    }
  }

  async #take(arrival: FetchArrival & { kind: 'answer' }): Promise<void> {
    const asked = this.#askedOf(arrival);
    const { walkable, failure } = this.#intake.take(arrival, asked);
    for (const { partition, isDone } of asked) if (isDone) this.#unfinished.delete(partition);
    if (failure || walkable.length === 0) this.#note(failure);
    if (walkable.length === 0) return;
    if (walkable.some(([{ requested, position }]) => requested > position)) this.#progressed();
    for (const [progress] of walkable) {
      this.#unfinished.delete(progress.partition);
      this.#unfinished.set(progress.partition, progress);
    }
    // Before the walk: the brokers shall not wait for us.
    this.#dispatch.send(this.#unfinished.values());
    for (const [progress, fetched] of walkable) {
      await this.#walk(progress, fetched);
      if (this.#isEnded) return;
    }
  }

  async #walk(progress: PartitionProgress, fetched: FetchedPartition): Promise<void> {
    const { topic, isolation } = this.#request;
    const { records, aborted } = fetched;
    const { partition, position: from, to } = progress;
    const { maxBatchBytes } = this.#deps.settings;
    const passOver = this.#passOver;
    const walk = new BatchWalk(
      { topic, partition, records, from, to, isolation, aborted, maxBatchBytes, passOver },
      this.#cursor,
    );
    try {
      while (!this.#isEnded && walk.step(this.#accept)) {
        progress.moveTo(walk.position, walk.epoch);
        this.#isEnded = !(await this.#mayGoOn());
      }
    } catch (error) {
      // It may have been damaged on its way: asked for again, once.
      if (!(error instanceof DamagedBatch) || progress.damagedAt === progress.position) throw error;
      progress.damagedAt = progress.position;
      this.#trouble = error;
    }
    progress.rewind();
    if (progress.isDone) this.#unfinished.delete(partition);
  }

  async #mayGoOn(): Promise<boolean> {
    // Also beyond the deadline: its records count as read, and it must be through with them before it is asked to finish.
    const mayCome = await this.#stop.unlessAborted(this.#consumer.drain());
    this.#quietSince = this.#deps.clock.now();
    const isDue = this.#stop.isDue();
    return mayCome && !isDue;
  }

  #askedOf({ asked }: FetchArrival): PartitionProgress[] {
    return [...asked].flatMap(([partition, offset]) => {
      const progress = this.#unfinished.get(partition);
      return progress?.position === offset ? [progress] : [];
    });
  }

  #lost(): PartitionProgress[] {
    return [...this.#unfinished.values()].filter(({ node }) => node < 0);
  }

  #progressed(): void {
    this.#quietSince = this.#deps.clock.now();
    this.#trouble = undefined;
    this.#request.onProgress();
  }

  /** Takes note of an arrival that brought nothing, and fails when nothing else came for too long. */
  #note(failure: LoadFailure | undefined): void {
    this.#trouble = failure ?? this.#trouble;
    const quietMs = this.#deps.clock.now() - this.#quietSince;
    if (quietMs < this.#deps.settings.patienceMs) return;
    throw (
      this.#intake.truncated(this.#unfinished.values()) ?? this.#trouble ?? this.#silence(quietMs)
    );
  }

  /** A slice that ends at its deadline without a single offset ends with the reason, if there is one. */
  #requireSomething(): void {
    const isUnmoved = this.#all.every(({ position, from }) => position === from);
    if (isUnmoved && this.#unfinished.size > 0 && this.#trouble) throw this.#trouble;
  }

  #outOfRange(cause: OutOfRange): Promise<LoadFailure> {
    const { topic, isolation } = this.#request;
    const { progress } = cause;
    return outOfRange({ link: this.#deps.link, topic, isolation, progress }, cause);
  }

  #silence(quietMs: number): LoadFailure {
    const { topic } = this.#request;
    const [first] = this.#unfinished.values();
    return new LoadFailure(
      'KAFKA_ERROR',
      `${topic} has given no records for ${quietMs} ms, partition ${first?.partition} stands at ${first?.position}`,
      { facts: { topic, partition: first?.partition, offset: first?.position } },
    );
  }
}
