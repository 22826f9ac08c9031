import { beforeAll, expect, test } from 'vitest';
import { apiOver, type Call } from '../support/api-calls.ts';
import { expectRefusal, type FaultyPlace } from '../support/api-faults.ts';
import { freshTables } from '../support/tables.ts';

/** Sources that a job cannot have. */

let call: Call;

beforeAll(async () => {
  call = apiOver((await freshTables()).tables).call;
});

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka';

test.each<FaultyPlace>([
  ['no source', 'source', undefined, '/source', 'is required: an object'],
  ['a list for an object', 'source.kafka', [], '/source/kafka', 'must be an object, got a list'],
  [
    'an illegal topic',
    'source.kafka.topic',
    'a/b',
    '/source/kafka/topic',
    'must be 1-249 of A-Z a-z 0-9 . _ -',
  ],
  [
    'neither brokers nor cluster',
    'source.kafka.brokers',
    undefined,
    '/source/kafka/brokers',
    'exactly one of clusterArn and brokers must be given',
  ],
  [
    'a broker without port',
    'source.kafka.brokers',
    ['b-1.kafka.test'],
    '/source/kafka/brokers/0',
    'must be host:port',
  ],
  [
    'a port beyond all ports',
    'source.kafka.brokers',
    ['b-1.kafka.test:70000'],
    '/source/kafka/brokers/0',
    'a broker must be host:port, got b-1.kafka.test:70000',
  ],
  [
    'a broker that is not allowed',
    'source.kafka.brokers',
    ['b-1.kafka.test:9092', 'evil.test:9092'],
    '/source/kafka/brokers/1',
    'broker evil.test is not on the list of allowed brokers, allowed: 127.0.0.1, *.kafka.test',
  ],
  ['an unknown field', 'source.kafka.topics', 'a', '/source/kafka/topics', 'is not a known field'],
  [
    'an unknown mechanism',
    'source.kafka.auth',
    { mechanism: 'kerberos' },
    '/source/kafka/auth/mechanism',
    'must be one of "none", "tls", "mtls", "aws-msk-iam", "scram-sha-512", "scram-sha-256", "plain"',
  ],
  [
    'no mechanism',
    'source.kafka.auth',
    {},
    '/source/kafka/auth/mechanism',
    'is required: one of "none", "tls", "mtls", "aws-msk-iam", "scram-sha-512", "scram-sha-256", "plain"',
  ],
  [
    'a password',
    'source.kafka.auth',
    { mechanism: 'plain', secretArn: secret, password: 'hunter2' },
    '/source/kafka/auth/password',
    'is not a known field',
  ],
  [
    'a secret where its ARN belongs',
    'source.kafka.auth',
    { mechanism: 'plain', secretArn: 'hunter2' },
    '/source/kafka/auth/secretArn',
    'must be the ARN of a Secrets Manager secret',
  ],
  [
    'offsets of no form',
    'source.kafka.startOffsets',
    'newest',
    '/source/kafka/startOffsets',
    'must be "earliest", "latest", {"timestamp": "2026-01-01T00:00:00Z"} or {"<partition>": "<offset>" | "earliest" | "latest"}',
  ],
  [
    'an offset that is a number',
    'source.kafka.startOffsets',
    { 0: 12 },
    '/source/kafka/startOffsets/0',
    'must be "earliest", or must be "latest", or must be a string, got 12',
  ],
  [
    'an offset of more than 64 bits',
    'source.kafka.startOffsets',
    { 0: '9223372036854775808' },
    '/source/kafka/startOffsets/0',
    'must fit 64 bits',
  ],
  [
    'a partition that is none',
    'source.kafka.startOffsets',
    { a: '1' },
    '/source/kafka/startOffsets/a',
    'as a field name must be a partition number',
  ],
  [
    'a time that is none',
    'source.kafka.startOffsets',
    { timestamp: 'now' },
    '/source/kafka/startOffsets/timestamp',
    'must be a time like "2026-01-01T00:00:00Z"',
  ],
])('%s is refused', (...place) => expectRefusal(call, place));

test('nothing of all this was created', async () => {
  expect((await call('GET /jobs')).body.jobs).toEqual([]);
});
