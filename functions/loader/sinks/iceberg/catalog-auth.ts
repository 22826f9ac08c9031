import type { CatalogAuth } from '#shared/domain/spec/iceberg-destination.ts';
import type { Remembered } from '#shared/kafka/remembered.ts';

/** A request before it is signed. */
interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Gives the headers of a request, with those that say who asks. */
export type CatalogAuthorizer = (
  request: UnsignedRequest,
) => Promise<Readonly<Record<string, string>>>;

/** Which catalogs want signatures. */
export type SignedAuth = Extract<CatalogAuth, { readonly mechanism: 'aws-sigv4' }>;

/** What catalogs are shown. */
interface CatalogAccess {
  /** @throws {LoadFailure} SECRET_UNAVAILABLE, SECRET_UNUSABLE */
  readonly tokens: Remembered<string>;
  readonly sign: (auth: SignedAuth) => CatalogAuthorizer;
}

/** How a catalog wants to know who asks. */
export function authorizerOf(
  auth: CatalogAuth,
  { tokens, sign }: CatalogAccess,
): CatalogAuthorizer {
  switch (auth.mechanism) {
    case 'none':
      return async ({ headers }) => headers;
    case 'bearer':
      return async ({ headers }) => ({
        ...headers,
        authorization: `Bearer ${await tokens.get(auth.secretArn)}`,
      });
    case 'aws-sigv4':
      return sign(auth);
  }
}
