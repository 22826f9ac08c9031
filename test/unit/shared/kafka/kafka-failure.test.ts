import { expect, test } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import { kafkaFailure } from '#shared/kafka/kafka-failure.ts';

const address = { host: 'b-1', port: 9092 };

test.each([
  ['KafkaJSConnectionError', { code: 'ECONNREFUSED' }, 'BROKER_UNREACHABLE'],
  ['KafkaJSConnectionError', { code: 'ENOTFOUND' }, 'BROKER_UNREACHABLE'],
  ['KafkaJSConnectionClosedError', {}, 'BROKER_UNREACHABLE'],
  ['KafkaJSRequestTimeoutError', {}, 'BROKER_UNREACHABLE'],
  ['KafkaJSConnectionError', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'BROKER_AUTH_FAILED'],
  ['KafkaJSConnectionError', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'BROKER_AUTH_FAILED'],
  ['KafkaJSConnectionError', { code: 'CERT_HAS_EXPIRED' }, 'BROKER_AUTH_FAILED'],
  ['KafkaJSSASLAuthenticationError', {}, 'BROKER_AUTH_FAILED'],
  ['KafkaJSProtocolError', { type: 'SASL_AUTHENTICATION_FAILED' }, 'BROKER_AUTH_FAILED'],
  ['KafkaJSProtocolError', { type: 'UNKNOWN' }, 'KAFKA_ERROR'],
  ['TypeError', {}, 'KAFKA_ERROR'],
])('%s %j is %s', (name, fields, code) => {
  const error = Object.assign(new Error('said so'), { name, ...fields });
  const failure = kafkaFailure(error, address);
  expect(failure).toMatchObject({ code, cause: error, facts: { broker: 'b-1:9092' } });
  expect(failure.message).toMatch(/b-1:9092.*said so/);
});

test.each([
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    /demands a client certificate.*\(certificate_required\)$/,
  ],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', /demands a client certificate.*\(bad_certificate\)$/],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /does not accept our client certificate.*\(unknown_ca\)$/],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', /does not accept.*\(certificate_unknown\)$/],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', /failed: said so$/],
])('the alert %s says what is wrong with our certificate', (code, message) => {
  const error = Object.assign(new Error('said so'), { name: 'KafkaJSConnectionError', code });
  expect(kafkaFailure(error, address)).toMatchObject({
    code: 'BROKER_AUTH_FAILED',
    message: expect.stringMatching(message),
  });
});

test('a failure that is one already stays as it is', () => {
  const failure = new LoadFailure('BROKER_NOT_ALLOWED', 'no');
  expect(kafkaFailure(failure, address)).toBe(failure);
});
