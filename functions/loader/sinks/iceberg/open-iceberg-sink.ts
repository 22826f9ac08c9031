import type { Remembered } from '#shared/kafka/remembered.ts';
import type { Outbound } from '#shared/warehouse/outbound.ts';
import { type IcebergSinkOptions, makeIcebergSink } from '../iceberg.ts';
import type { Sink } from '../sink.ts';
import { awsSignature } from './aws-signature.ts';
import { authorizerOf } from './catalog-auth.ts';
import { catalogLink } from './catalog-link.ts';

/** What {@link openIcebergSink} needs. */
type OpenOptions = Omit<IcebergSinkOptions, 'catalog'> & {
  readonly outbound: Outbound;
  /** Bearer tokens, by their secrets' ARNs. */
  readonly tokens: Remembered<string>;
};

/** The sink of a table in the catalog that its destination names. */
export function openIcebergSink({ outbound, tokens, ...options }: OpenOptions): Sink {
  const { destination, client } = options;
  const { auth } = destination.catalog;
  const authorize = authorizerOf(auth, {
    tokens,
    sign: (signed) => awsSignature(client, signed),
  });
  return makeIcebergSink({
    ...options,
    catalog: catalogLink({
      destination,
      outbound,
      authorize,
      // One that was replaced is read at once.
      refused: () => (auth.mechanism === 'bearer' ? tokens.drop(auth.secretArn) : undefined),
    }),
  });
}
