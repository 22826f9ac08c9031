import type { Clock } from '#shared/clock.ts';
import { asLoadFailure, type LoadFailure } from '#shared/domain/failure.ts';
import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import { type FetchOptions, fetchRequest } from './fetch-request.ts';
import { type FetchAnswer, fetchAnswer } from './fetch-response.ts';
import type { FetchSettings } from './fetch-settings.ts';
import type { PartitionProgress } from './partition-progress.ts';

/** Partitions in one request: more would make requests larger than the answers that they get. */
const MAX_PARTITIONS_PER_REQUEST = 256;
/** An answer's share of the bytes in flight is no less, however many brokers there are. */
const LEAST_ANSWER_BYTES = 1024 * 1024;

/**
 * The end of one fetch. `asked` has the offset that was asked for, per partition; `body` is the memory that the
 * answer's records are views into.
 */
export type FetchArrival = {
  readonly node: number;
  readonly asked: ReadonlyMap<number, bigint>;
} & (
  | { readonly kind: 'answer'; readonly answer: FetchAnswer; readonly body: Buffer }
  | { readonly kind: 'failed'; readonly failure: LoadFailure }
);

/** What fetching needs. */
export interface FetchDispatchDeps {
  readonly link: Pick<ClusterLink, 'send'>;
  readonly clock: Clock;
  readonly settings: FetchSettings;
  readonly topic: string;
  /** The topic is read by its id where that is given. */
  readonly topicId?: string | undefined;
  readonly isolation: KafkaSource['isolation'];
  /** Called once for every fetch that was sent. */
  readonly onArrival: (arrival: FetchArrival) => void;
  /** Called when a broker that asked to be left alone may be asked again. */
  readonly onRested: () => void;
  /** Ends the waiting for such a broker. */
  readonly ended: AbortSignal;
}

/** Sends fetches: one at a time to each broker, so that the memory for answers is bounded. */
export class FetchDispatch {
  readonly #deps: FetchDispatchDeps;
  readonly #busy = new Set<number>();

  constructor(deps: FetchDispatchDeps) {
    this.#deps = deps;
  }

  /** Sends to every idle broker what the partitions, in their order, still want of it. */
  send(partitions: Iterable<PartitionProgress>): void {
    const byNode = new Map<number, PartitionProgress[]>();
    for (const progress of partitions) {
      if (progress.node < 0 || progress.requested >= progress.to) continue;
      const others = byNode.get(progress.node);
      if (others) others.push(progress);
      else byNode.set(progress.node, [progress]);
    }
    for (const [node, wanting] of byNode) {
      if (this.#busy.has(node)) continue;
      this.#busy.add(node);
      void this.#fetch(node, wanting.slice(0, MAX_PARTITIONS_PER_REQUEST), byNode.size);
    }
  }

  /** The broker is idle again, once `throttleMs` have passed. */
  release(node: number, throttleMs: number): void {
    if (throttleMs <= 0) {
      this.#busy.delete(node);
      return;
    }
    const { clock, ended, onRested } = this.#deps;
    clock.sleep(throttleMs, ended).then(
      () => {
        this.#busy.delete(node);
        onRested();
      },
      () => {},
    );
  }

  async #fetch(node: number, wanting: readonly PartitionProgress[], nodes: number): Promise<void> {
    const { link, onArrival } = this.#deps;
    const asked = new Map(wanting.map(({ partition, requested }) => [partition, requested]));
    try {
      let apiVersion = 0;
      const body = await link.send(node, (versions) => {
        const request = fetchRequest(this.#options(wanting, nodes), versions);
        apiVersion = request.apiVersion;
        return request;
      });
      const answer = fetchAnswer(body, { apiVersion });
      onArrival({ kind: 'answer', node, asked, answer, body });
    } catch (error) {
      onArrival({ kind: 'failed', node, asked, failure: asLoadFailure(error) });
    }
  }

  #options(wanting: readonly PartitionProgress[], nodes: number): FetchOptions {
    const { topic, topicId, isolation, settings } = this.#deps;
    const share = Math.max(LEAST_ANSWER_BYTES, Math.floor(settings.inFlightBytes / nodes));
    const answerBytes = Math.min(settings.answerBytes, share);
    const limit = Math.max(
      Math.min(settings.partitionBytes, answerBytes),
      Math.floor(answerBytes / wanting.length),
    );
    const partitions = wanting.map((progress) => ({
      partition: progress.partition,
      ...progress.fetchFrom,
      leaderEpoch: progress.leaderEpoch,
      maxBytes: progress.bytesToAsk(limit),
    }));
    return {
      topic,
      topicId,
      partitions,
      isolation,
      maxWaitMs: settings.maxWaitMs,
      minBytes: 1,
      maxBytes: Math.max(answerBytes, ...wanting.map(({ neededBytes }) => neededBytes)),
      // A broker that is told no rack does not send us to a replica.
      rackId: wanting.some(({ staysWithLeader }) => staysWithLeader) ? '' : settings.rackId,
    };
  }
}
