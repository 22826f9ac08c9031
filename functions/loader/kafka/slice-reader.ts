import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { ClusterAddress } from '#shared/kafka/cluster.ts';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import type { SliceReader } from '../records.ts';
import { DEFAULT_FETCH_SETTINGS, type FetchSettings } from './fetch-settings.ts';
import { SliceReading } from './slice-reading.ts';

/** The part of a cluster link that reading uses. */
export type FetchLink = Pick<
  ClusterLink,
  'leaders' | 'leaderEpoch' | 'refreshMetadata' | 'send' | 'reuse' | 'close'
>;

/** What a slice reader needs. */
export interface SliceReaderDeps {
  /** Opens a link to a cluster, with its authentication and the rules on allowed brokers. */
  readonly open: (address: ClusterAddress) => Promise<FetchLink>;
  readonly clock: Clock;
  /** @default DEFAULT_FETCH_SETTINGS, each one for itself */
  readonly settings?: Partial<FetchSettings> | undefined;
}

/** Codes of failures after which a link is not used again. */
const LINK_FAILURES = /^(BROKER_|SECRET_|KAFKA_ERROR$)/;

/** A slice reader that keeps its connections from slice to slice. */
export interface WarmSliceReader extends SliceReader {
  /** Ends all connections. Never throws. */
  close(): Promise<void>;
}

/**
 * Makes a slice reader. A cluster's link is opened by the first slice and used by those that follow; after
 * a failure that the link may be the cause of, the next slice opens a new one.
 */
export function makeSliceReader(deps: SliceReaderDeps): WarmSliceReader {
  const settings = { ...DEFAULT_FETCH_SETTINGS, ...deps.settings };
  const links = new Map<string, Promise<FetchLink>>();

  function linkTo(key: string, address: ClusterAddress): Promise<FetchLink> {
    let link = links.get(key);
    if (link === undefined) {
      link = deps.open(address);
      links.set(key, link);
      link.catch(() => links.delete(key));
    }
    return link;
  }

  async function drop(key: string, link: Promise<FetchLink>): Promise<void> {
    if (links.get(key) === link) links.delete(key);
    await link.then((opened) => opened.close()).catch(() => {});
  }

  return {
    async read(request, consumer) {
      request.signal.throwIfAborted();
      const { clusterArn, brokers, auth } = request.cluster;
      const key = JSON.stringify([clusterArn, brokers, auth]);
      const isKept = links.has(key);
      const link = linkTo(key, request.cluster);
      try {
        const reading = { link: await link, clock: deps.clock, settings };
        return await new SliceReading(request, consumer, reading).run();
      } catch (error) {
        if (mayBeOfTheLink(error)) await drop(key, link);
        throw isKept ? worthALogin(error) : error;
      }
    },
    async close() {
      await Promise.all([...links].map(([key, link]) => drop(key, link)));
    },
  };
}

function mayBeOfTheLink(error: unknown): boolean {
  if (!(error instanceof LoadFailure)) return false;
  return LINK_FAILURES.test(error.code);
}

/**
 * A login may have been rotated since an earlier slice opened the link: a refusal counts, and pauses the job, only when
 * the next try, which opens a link and reads the secret again, meets it too.
 */
function worthALogin(error: unknown): unknown {
  if (!(error instanceof LoadFailure) || error.code !== 'BROKER_AUTH_FAILED') return error;
  const { message, facts } = error;
  return new LoadFailure('BROKER_UNREACHABLE', `a link of earlier slices is refused: ${message}`, {
    cause: error,
    facts,
  });
}
