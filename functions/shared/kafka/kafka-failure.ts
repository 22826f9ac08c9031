import { LoadFailure } from '../domain/failure.ts';
import { addressText } from './link-pool.ts';
import type { BrokerAddress } from './metadata-request.ts';

/** Which kafkajs error is which of our failures: the one place that knows. */

/** Answers of a broker that mean: not with these credentials. Names as kafkajs gives them in `type`. */
const AUTH_TYPES: ReadonlySet<string> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

/** Certificates that do not hold and handshakes that fail: https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
const TLS_CODE =
  /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * What brokers say of the certificate that we showed, or did not show, as OpenSSL names it at the end of its codes: the
 * alerts of https://www.rfc-editor.org/rfc/rfc8446#section-6.2. A JVM says `bad_certificate` when it got none, and
 * `certificate_unknown` of whatever it does not trust.
 */
const ALERT = /_ALERT_([A-Z_]+)$/;
const ALERTS: ReadonlyMap<string, string> = new Map([
  ...['CERTIFICATE_REQUIRED', 'BAD_CERTIFICATE'].map(
    (alert) => [alert, 'it demands a client certificate, and got none that it can read'] as const,
  ),
  ...[
    'UNKNOWN_CA',
    'CERTIFICATE_UNKNOWN',
    'CERTIFICATE_EXPIRED',
    'CERTIFICATE_REVOKED',
    'UNSUPPORTED_CERTIFICATE',
    'ACCESS_DENIED',
  ].map(
    (alert) =>
      [
        alert,
        'it does not accept our client certificate, which must be valid and of an authority that it trusts',
      ] as const,
  ),
]);

/** kafkajs errors that mean: no answer. */
const UNREACHABLE_NAMES: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSLockTimeout',
  'KafkaJSBrokerNotFound',
]);

/** Any error from speaking with a broker as a {@link LoadFailure}, its cause kept. */
export function kafkaFailure(error: unknown, address: BrokerAddress): LoadFailure {
  if (error instanceof LoadFailure) return error;
  const { name, type, code, message } = facets(error);
  const broker = addressText(address);
  const options = { cause: error, facts: { broker } };
  const said = message.trim() || name;
  if (TLS_CODE.test(code)) {
    const why = alertText(code) ?? said;
    return new LoadFailure('BROKER_AUTH_FAILED', `TLS with ${broker} failed: ${why}`, options);
  }
  if (name === 'KafkaJSSASLAuthenticationError' || AUTH_TYPES.has(type)) {
    return new LoadFailure('BROKER_AUTH_FAILED', `broker ${broker} refuses us: ${said}`, options);
  }
  if (UNREACHABLE_NAMES.has(name)) {
    return new LoadFailure(
      'BROKER_UNREACHABLE',
      `broker ${broker} does not answer: ${said}`,
      options,
    );
  }
  return new LoadFailure('KAFKA_ERROR', `broker ${broker} failed: ${said}`, options);
}

function alertText(code: string): string | undefined {
  const alert = ALERT.exec(code)?.[1] ?? '';
  const text = ALERTS.get(alert);
  return text && `${text} (${alert.toLowerCase()})`;
}

function facets(error: unknown): { name: string; type: string; code: string; message: string } {
  if (!(error instanceof Error)) return { name: '', type: '', code: '', message: String(error) };
  const text = (key: string) => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? value : '';
  };
  return { name: error.name, type: text('type'), code: text('code'), message: error.message };
}
