import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '#shared/clock.ts';

/** A request before it is sent. `body` is what goes over the wire, to the byte. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** @returns all headers of the request, the signature's among them */
export type Sign = (request: UnsignedRequest) => Promise<Record<string, string>>;

/**
 * Signs requests for API Gateway with SigV4, by the credentials that the AWS SDK finds: environment, profile, single
 * sign-on, container or instance.
 *
 * @throws {Error} from the SDK when it finds none
 */
export function signForGateway(region: string, clock: Clock): Sign {
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    credentials: defaultProvider(),
    sha256: Sha256Node,
  });
  return async ({ method, url, headers, body }) => {
    const signed = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host },
        body,
      },
      { signingDate: new Date(clock.now()) },
    );
    return signed.headers;
  };
}
