import type { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CatalogAuthorizer, SignedAuth } from './catalog-auth.ts';

/** Signature Version 4 with the credentials by which S3 is reached. */
export function awsSignature(
  { config }: Pick<S3Client, 'config'>,
  { region, service }: SignedAuth,
): CatalogAuthorizer {
  const { credentials, sha256 } = config;
  const signer = new SignatureV4({ credentials, sha256, region, service });
  return async ({ method, url, body, headers }) => {
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return signed.headers;
  };
}
