import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KafkaAuth } from '#shared/domain/job-spec.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import type { LinkDeps } from '#shared/kafka/open-link.ts';
import { secretsManager } from '#shared/kafka/secrets.ts';
import { type LocalBroker, startBroker } from '../../infra/local/kafka/start-broker.ts';
import { type AwsDouble, startAwsDouble } from '../support/aws-double.ts';
import { testCertificate } from '../support/certificates.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { secretsFrom, testLinkDeps } from '../support/kafka-link.ts';

const GOOD = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_good-AbCdEf';
const BAD = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_bad-AbCdEf';
const CLUSTER =
  'arn:aws:kafka:eu-west-1:123456789012:cluster/test/00000000-0000-0000-0000-000000000000-1';
const login = JSON.stringify({ username: 'alice', password: 'opens-sesame' });
const wrongLogin = JSON.stringify({ username: 'alice', password: 'canary-7f3a' });

let directory: string;
let broker: LocalBroker;
let aws: AwsDouble;
let topic: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-auth-'));
  broker = await startBroker({
    directory,
    listeners: ['SASL_PLAINTEXT', 'SASL_SSL', 'SSL'],
    users: [{ username: 'alice', password: 'opens-sesame' }],
  });
  topic = await createTopic([broker.bootstrap], { partitions: 2 });
  await produce([broker.bootstrap], topic, { records: [{ value: 'a' }, { value: 'b' }] });
  aws = await startAwsDouble();
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = aws.url;
  process.env.AWS_ENDPOINT_URL_KAFKA = aws.url;
  process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'example';
});

afterAll(async () => {
  await aws?.stop();
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
});

type Listener = keyof LocalBroker['addresses'];

function deps(more: Partial<LinkDeps> = {}): LinkDeps {
  const secrets = secretsFrom(
    new Map([
      [GOOD, login],
      [BAD, wrongLogin],
    ]),
  );
  return testLinkDeps({ secrets, trustedCertificates: broker.certificate, ...more });
}

/** Connects to a listener and reads an offset, which proves that requests are let through. */
async function endOffset(listener: Listener, auth: KafkaAuth, parts = deps()): Promise<unknown> {
  const brokers = [broker.addresses[listener] ?? ''];
  const cluster = await openClusters(parts).connect({ brokers, auth });
  try {
    const query = { topic, partitions: [0], at: 'latest', isolation: 'read_committed' } as const;
    await cluster.describeTopics([topic]);
    return (await cluster.listOffsets(query)).get(0);
  } finally {
    await cluster.close();
  }
}

describe('a login from a secret', () => {
  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    test(`by ${mechanism} is let in, without TLS and with it`, async () => {
      const auth = { mechanism, secretArn: GOOD };
      expect(await endOffset('SASL_PLAINTEXT', { ...auth, tls: false })).toBe(2n);
      expect(await endOffset('SASL_SSL', { ...auth, tls: true })).toBe(2n);
    });

    test(`by ${mechanism} with a wrong password is BROKER_AUTH_FAILED and tells no password`, async () => {
      const failure = await endOffset('SASL_PLAINTEXT', {
        mechanism,
        secretArn: BAD,
        tls: false,
      }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'BROKER_AUTH_FAILED' });
      expect(`${(failure as Error).message}${(failure as Error).stack}`).not.toContain('canary');
    });
  }

  test('F22: that was rotated is read again once the broker refuses the old one', async () => {
    const texts = new Map([[GOOD, wrongLogin]]);
    const secrets = secretsFrom(texts);
    const parts = testLinkDeps({ secrets });
    await parts.logins.get(GOOD);
    texts.set(GOOD, login);

    const end = await endOffset(
      'SASL_PLAINTEXT',
      { mechanism: 'scram-sha-512', secretArn: GOOD, tls: false },
      parts,
    );

    expect(end).toBe(2n);
    expect(secrets.reads).toEqual([GOOD, GOOD]);
  });

  test('that is still wrong after it was read again is not tried a third time', async () => {
    const secrets = secretsFrom(new Map([[BAD, wrongLogin]]));
    const auth = { mechanism: 'plain', secretArn: BAD, tls: false } as const;
    await expect(
      endOffset('SASL_PLAINTEXT', auth, testLinkDeps({ secrets })),
    ).rejects.toMatchObject({ code: 'BROKER_AUTH_FAILED' });
    expect(secrets.reads).toEqual([BAD, BAD]);
  });

  test('is needed: without one the SASL listener does not answer', async () => {
    await expect(
      endOffset('SASL_PLAINTEXT', { mechanism: 'none' }, deps({ connectTimeoutMs: 500 })),
    ).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });
});

describe('TLS', () => {
  test('connects when the certificate is trusted', async () => {
    expect(await endOffset('SSL', { mechanism: 'tls' })).toBe(2n);
  });

  test('refuses a certificate that nobody vouches for', async () => {
    const parts = deps({ trustedCertificates: undefined });
    await expect(endOffset('SSL', { mechanism: 'tls' }, parts)).rejects.toMatchObject({
      code: 'BROKER_AUTH_FAILED',
    });
  });

  describe('with a private authority', () => {
    const OWN = `${GOOD}-own`;
    const stranger = testCertificate('authority').pem;
    const partsWith = (secret: object) => {
      const secrets = secretsFrom(new Map([[OWN, JSON.stringify(secret)]]));
      return { secrets, parts: testLinkDeps({ secrets }) };
    };
    const named = { username: 'alice', password: 'opens-sesame' };

    test('connects when the secret names it, alone or beside a login', async () => {
      const { parts } = partsWith({ ...named, ca: broker.certificate });
      expect(await endOffset('SSL', { mechanism: 'tls', secretArn: OWN }, parts)).toBe(2n);
      for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
        const auth = { mechanism, secretArn: OWN, tls: true };
        expect(await endOffset('SASL_SSL', auth, parts)).toBe(2n);
      }
    });

    test('refuses brokers of another one, once the secret was read again', async () => {
      for (const auth of [
        { mechanism: 'tls', secretArn: OWN },
        { mechanism: 'plain', secretArn: OWN, tls: true },
      ] as const) {
        const { secrets, parts } = partsWith({ ...named, ca: stranger });
        const listener = auth.mechanism === 'tls' ? 'SSL' : 'SASL_SSL';
        await expect(endOffset(listener, auth, parts)).rejects.toMatchObject({
          code: 'BROKER_AUTH_FAILED',
        });
        expect(secrets.reads).toEqual([OWN, OWN]);
      }
    });

    test('F22: connects when the secret has turned to it', async () => {
      const texts = new Map([[OWN, JSON.stringify({ ca: stranger })]]);
      const parts = testLinkDeps({ secrets: secretsFrom(texts) });
      await parts.authorities.get(OWN);
      texts.set(OWN, JSON.stringify({ ca: broker.certificate }));
      expect(await endOffset('SSL', { mechanism: 'tls', secretArn: OWN }, parts)).toBe(2n);
    });
  });

  test('to a listener without TLS fails in time', async () => {
    const parts = deps({ connectTimeoutMs: 500 });
    const failure = endOffset('PLAINTEXT', { mechanism: 'tls' }, parts);
    await expect(failure).rejects.toMatchObject({
      code: expect.stringMatching(/^BROKER_(UNREACHABLE|AUTH_FAILED)$/),
    });
  });
});

describe('a cluster of Amazon MSK', () => {
  const scram = { mechanism: 'scram-sha-512', secretArn: GOOD, tls: true } as const;

  test('is reached by its ARN and a secret of Secrets Manager, on the listener that fits', async () => {
    aws.secrets.set(GOOD, login);
    aws.clusters.set(CLUSTER, {
      BootstrapBrokerString: '127.0.0.1:1',
      BootstrapBrokerStringSaslScram: broker.addresses.SASL_SSL ?? '',
    });
    const parts = testLinkDeps({
      secrets: secretsManager(),
      trustedCertificates: broker.certificate,
    });

    const clusters = openClusters(parts);
    const address = { clusterArn: CLUSTER, auth: scram };
    const first = await clusters.connect(address);
    const topics = await first.describeTopics([topic]);
    await first.close();
    await (await clusters.connect(address)).close();

    expect(topics.get(topic)?.partitions).toEqual([0, 1]);
    // Brokers and secret are remembered for the second connection.
    expect(aws.calls).toEqual([`GetBootstrapBrokers ${CLUSTER}`, `GetSecretValue ${GOOD}`]);
  });

  test('has its control plane asked, page by page, before a topic counts as missing', async () => {
    const plain = `${CLUSTER}-plain`;
    aws.clusters.set(plain, { BootstrapBrokerString: broker.bootstrap });
    aws.topics.set(`${plain} young`, [[2, 1], [0]]);
    const cluster = await openClusters(deps()).connect({
      clusterArn: plain,
      auth: { mechanism: 'none' },
    });

    const topics = await cluster.describeTopics(['young', 'missing']);
    await cluster.close();

    expect([...topics]).toEqual([['young', { partitions: [0, 1, 2] }]]);
  });

  test('without a listener for the mechanism is BROKER_AUTH_FAILED and names what it offers', async () => {
    const other = `${CLUSTER}-other`;
    aws.clusters.set(other, { BootstrapBrokerStringTls: '127.0.0.1:1' });
    await expect(
      openClusters(deps()).connect({ clusterArn: other, auth: scram }),
    ).rejects.toMatchObject({
      code: 'BROKER_AUTH_FAILED',
      message: expect.stringContaining('BootstrapBrokerStringTls'),
    });
  });

  test('that does not exist is BROKER_UNREACHABLE, and a missing secret SECRET_UNUSABLE', async () => {
    const parts = testLinkDeps({ secrets: secretsManager() });
    const missing = `${GOOD}-missing`;
    await expect(
      openClusters(parts).connect({ clusterArn: `${CLUSTER}-missing`, auth: { mechanism: 'tls' } }),
    ).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    await expect(
      openClusters(parts).connect({
        brokers: [broker.addresses.SASL_SSL ?? ''],
        auth: { ...scram, secretArn: missing },
      }),
    ).rejects.toMatchObject({ code: 'SECRET_UNUSABLE' });
  });
});
