import { createHash, createHmac } from 'node:crypto';

/**
 * AWS' Signature Version 4, checked from the receiving side and written from its description alone:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  /** As on the wire. */
  readonly path: string;
  /** As on the wire, without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** Whose requests are let in. */
export interface KnownKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials: the token must be there, and signed. */
  readonly sessionToken?: string;
  readonly region: string;
  readonly service: string;
  /** Epoch ms. A signature is good for five minutes. */
  readonly now: number;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<scope>[^,]+), SignedHeaders=(?<names>[^,]+), Signature=(?<signature>[0-9a-f]{64})$/;
const GOOD_FOR_MS = 300_000;

/** Why a request is not let in, or `undefined` when it is. */
export function signatureFault(request: ReceivedRequest, key: KnownKey): string | undefined {
  const { headers } = request;
  const parts = AUTHORIZATION.exec(headers.authorization ?? '')?.groups;
  if (parts === undefined) return 'no signature';
  const { id, scope = '', names = '', signature } = parts;
  const at = headers['x-amz-date'] ?? '';
  if (id !== key.accessKeyId) return 'unknown key';
  if (scope !== `${at.slice(0, 8)}/${key.region}/${key.service}/aws4_request`)
    return `scope ${scope}`;
  const time = Date.parse(at.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (!(Math.abs(time - key.now) < GOOD_FOR_MS)) return `time ${at}`;
  if (headers['x-amz-security-token'] !== key.sessionToken) return 'another token';
  const signed = names.split(';');
  const needed = ['host', 'x-amz-date', ...(key.sessionToken ? ['x-amz-security-token'] : [])];
  if (!needed.every((name) => signed.includes(name))) return `signed ${names}`;
  const wanted = hmac(
    signingKey(key, at.slice(0, 8)),
    stringToSign(request, { at, scope, signed }),
  );
  return wanted.toString('hex') === signature ? undefined : 'another signature';
}

function stringToSign(
  { method, path, query, headers, body }: ReceivedRequest,
  { at, scope, signed }: { at: string; scope: string; signed: readonly string[] },
): string {
  const canonical = [
    method,
    // Every service but S3 encodes the path a second time.
    path.split('/').map(encoded).join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    sha256(body),
  ].join('\n');
  return ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

/** As RFC 3986 has it: all but A-Z a-z 0-9 - _ . ~ */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function signingKey({ secretAccessKey, region, service }: KnownKey, day: string): Buffer {
  return [day, region, service, 'aws4_request'].reduce<Buffer>(
    (key, part) => hmac(key, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
