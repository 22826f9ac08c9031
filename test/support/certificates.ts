import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/**
 * X.509 certificates for tests, made when they run: keys of P-256, signed with ECDSA and SHA-256. Written by hand, as
 * RFC 5280 lays them out, since Node reads certificates but makes none and not every machine has openssl.
 */

/** A certificate and its key. */
export interface TestCertificate {
  readonly name: string;
  /** PEM. */
  readonly pem: string;
  readonly key: KeyObject;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const CONTEXT_0 = 0xa0;
const CONTEXT_3 = 0xa3;
const IP_ADDRESS = 0x87;

const COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
const BASIC_CONSTRAINTS = Buffer.from([0x55, 0x1d, 0x13]);
const ALTERNATIVE_NAMES = Buffer.from([0x55, 0x1d, 0x11]);
const ECDSA_WITH_SHA256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const DAY_MS = 86_400_000;
let lastSerial = 0;

/** One element in DER. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length =
    size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function nameOf(name: string): Buffer {
  const common = der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8_STRING, Buffer.from(name)));
  return der(SEQUENCE, der(SET, common));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  return der(GENERALIZED_TIME, Buffer.from(`${digits}Z`));
}

/**
 * Makes a certificate, signed by `issuer`, or by itself where there is none: then it is an authority.
 * `isAuthority` makes it one in any case; `isServer` one of a server at 127.0.0.1.
 *
 * It holds since `beganMs` ago and for `endsMs` more, which may be below 0. Default: a day each.
 */
export function testCertificate(
  name: string,
  issuer?: TestCertificate,
  {
    beganMs = DAY_MS,
    endsMs = DAY_MS,
    isAuthority = issuer === undefined,
    isServer = false,
  }: { beganMs?: number; endsMs?: number; isAuthority?: boolean; isServer?: boolean } = {},
): TestCertificate {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  lastSerial += 1;
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_WITH_SHA256));
  const role = isAuthority ? der(SEQUENCE, TRUE) : der(SEQUENCE);
  const constraints = [der(OBJECT_ID, BASIC_CONSTRAINTS), TRUE, der(OCTET_STRING, role)];
  const address = der(SEQUENCE, der(IP_ADDRESS, Buffer.from([127, 0, 0, 1])));
  const server = [der(OBJECT_ID, ALTERNATIVE_NAMES), der(OCTET_STRING, address)];
  const extensions = [constraints, ...(isServer ? [server] : [])];
  const now = Date.now();
  const content = der(
    SEQUENCE,
    der(CONTEXT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([lastSerial])),
    algorithm,
    nameOf(issuer?.name ?? name),
    der(SEQUENCE, time(now - beganMs), time(now + endsMs)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(CONTEXT_3, der(SEQUENCE, ...extensions.map((parts) => der(SEQUENCE, ...parts)))),
  );
  const signature = sign('sha256', content, issuer?.key ?? key);
  const bytes = der(SEQUENCE, content, algorithm, der(BIT_STRING, Buffer.from([0]), signature));
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n');
  return { name, key, pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}

/** The key as PKCS#8 in PEM, encrypted where there is a password. */
export function keyPem({ key }: TestCertificate, password?: string): string {
  const cipher = password === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: password };
  return String(key.export({ type: 'pkcs8', format: 'pem', ...cipher }));
}
