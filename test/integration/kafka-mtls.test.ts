import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { KafkaAuth } from '#shared/domain/job-spec.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import type { LinkDeps } from '#shared/kafka/open-link.ts';
import { type LocalBroker, startBroker } from '../../infra/local/kafka/start-broker.ts';
import { apiOver } from '../support/api-calls.ts';
import { type AwsDouble, startAwsDouble } from '../support/aws-double.ts';
import { keyPem, testCertificate } from '../support/certificates.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { secretsFrom, testLinkDeps } from '../support/kafka-link.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** A broker whose TLS listener lets nobody in without a certificate of one authority. */

const CLUSTER =
  'arn:aws:kafka:eu-west-1:123456789012:cluster/mtls/00000000-0000-0000-0000-000000000000-1';
const PASSWORD = 'canary-7f3a';
const arnOf = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;
const mtls = (name: string): KafkaAuth => ({ mechanism: 'mtls', secretArn: arnOf(name) });

const authority = testCertificate('authority');
const intermediate = testCertificate('intermediate', authority, { isAuthority: true });
const client = testCertificate('loader', authority);
const chained = testCertificate('chained', intermediate);
const otherAuthority = testCertificate('authority');
const stranger = testCertificate('loader', otherAuthority);

const own = { certificate: client.pem, privateKey: keyPem(client) };
const foreign = { certificate: stranger.pem, privateKey: keyPem(stranger) };
const locked = { certificate: client.pem, privateKey: keyPem(client, PASSWORD) };
const SECRETS = new Map(
  Object.entries({
    own,
    foreign,
    chained: { certificate: chained.pem + intermediate.pem, privateKey: keyPem(chained) },
    unlocked: { ...locked, privateKeyPassword: PASSWORD },
    locked,
    misspelt: { ...locked, privateKeyPassword: `${PASSWORD}9` },
    foreignAuthority: { ...own, ca: keyPem(client) },
  }).map(([name, secret]) => [arnOf(name), JSON.stringify(secret)]),
);

const wellKnown = getCACertificates();
const before = { ...process.env };
let directory: string;
let broker: LocalBroker;
let aws: AwsDouble;
let product: Product;
let topic: string;

/** Starts a broker that trusts who is vouched for by a certificate of this file. */
function startDemanding(name: string, trusted: string): Promise<LocalBroker> {
  return startBroker({
    directory: join(directory, name),
    listeners: ['SSL'],
    config: {
      'ssl.client.auth': 'required',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': trusted,
    },
  });
}

/** Amazon's authorities, who vouch for brokers of MSK, are known to Node; one broker of ours has to be made known. */
function makeKnown({ certificate = '' }: LocalBroker): void {
  setDefaultCACertificates([...wellKnown, certificate]);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-mtls-'));
  const trusted = join(directory, 'authority.pem');
  await writeFile(trusted, authority.pem);
  [broker, aws] = await Promise.all([startDemanding('broker', trusted), startAwsDouble()]);
  makeKnown(broker);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
    AWS_ENDPOINT_URL_KAFKA: aws.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
  for (const [arn, text] of SECRETS) aws.secrets.set(arn, text);
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')));
  topic = await createTopic([broker.bootstrap], { partitions: 2 });
  const records = Array.from({ length: 500 }, (_, n) => ({
    value: `{"n":${n}}`,
    partition: n % 2,
  }));
  await produce([broker.bootstrap], topic, { records });
});

afterAll(async () => {
  process.env = before;
  await product?.close();
  await aws?.stop();
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Connects and reads an offset, which proves that requests are let through. */
async function endOffset(auth: KafkaAuth, more: Partial<LinkDeps> = {}): Promise<unknown> {
  const parts = testLinkDeps({ secrets: secretsFrom(SECRETS), ...more });
  const brokers = [broker.addresses.SSL ?? ''];
  const cluster = await openClusters(parts).connect({ brokers, auth });
  try {
    const query = { topic, partitions: [0], at: 'latest', isolation: 'read_committed' } as const;
    await cluster.describeTopics([topic]);
    return (await cluster.listOffsets(query)).get(0);
  } finally {
    await cluster.close();
  }
}

function createJob(
  name: string,
  source: { readonly auth: KafkaAuth; readonly clusterArn?: string },
) {
  const where = source.clusterArn ? {} : { brokers: [broker.addresses.SSL ?? ''] };
  return product.createJob({
    name,
    source: { kafka: { ...where, ...source, topic, startOffsets: 'earliest' } },
    destination: { file: { table: name } },
  });
}

describe('a job by mtls', () => {
  test('loads its topic exactly, from the cluster that its ARN names', async () => {
    aws.clusters.set(CLUSTER, {
      BootstrapBrokerStringSaslIam: '127.0.0.1:1',
      BootstrapBrokerStringTls: broker.addresses.SSL ?? '',
    });
    const { id } = await createJob('exact', { auth: mtls('own'), clusterArn: CLUSTER });
    await product.settle(id);

    const loaded = (await product.lines('exact')).map((line) => JSON.parse(line).n);
    expect(loaded.sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  test('loads its topic from brokers of a private authority, which its secret names', async () => {
    setDefaultCACertificates(wellKnown);
    try {
      const refused = await createJob('unnamed', { auth: mtls('own') });
      await product.cycle();
      const { reason } = await product.job(refused.id);
      expect([reason.code, reason.message]).toEqual([
        'BROKER_AUTH_FAILED',
        expect.stringContaining('self-signed certificate'),
      ]);

      aws.secrets.set(arnOf('private'), JSON.stringify({ ...own, ca: broker.certificate }));
      const { id } = await createJob('private', { auth: mtls('private') });
      await product.settle(id);
      expect(await product.lines('private')).toHaveLength(500);
    } finally {
      makeKnown(broker);
    }
  });

  test.each([
    [
      'misspelt in the password',
      'misspelt',
      /"privateKeyPassword" must open "privateKey", it does not/,
    ],
    ['with a key as its authority', 'foreignAuthority', /"ca" must be one or more certificates/],
    ['without the password', 'locked', /"privateKeyPassword" must be given/],
    ['not there', 'missing', /cannot be read: there is no such secret/],
  ])('whose secret is %s pauses at once and says why', async (_, secret, message) => {
    const { id } = await createJob(secret, { auth: mtls(secret) });
    await product.cycle();

    const { state, reason, resume } = await product.job(id);
    expect([state, reason.code, resume]).toEqual(['PAUSED', 'SECRET_UNUSABLE', undefined]);
    expect(reason.message).toMatch(message);
    expect(reason.message).toContain(arnOf(secret));
    expect(reason.message).not.toContain('canary');
    expect(await product.tasks(id)).toEqual([]);
  });

  test('goes on when its secret has been put right and it is resumed', async () => {
    const auth = mtls('mended');
    aws.secrets.set(arnOf('mended'), JSON.stringify(foreign));
    const { id } = await createJob('mended', { auth });
    await product.cycle();
    expect(await product.job(id)).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'BROKER_AUTH_FAILED' },
    });

    aws.secrets.set(arnOf('mended'), JSON.stringify(own));
    await apiOver(product.tables, { clock: product.clock }).call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await product.lines('mended')).toHaveLength(500);
  });
});

test('F22: a job goes on when brokers and secret turn to another authority, though its loader is warm', async () => {
  const trusted = join(directory, 'turning.pem');
  await writeFile(trusted, authority.pem);
  const turning = await startDemanding('turning', trusted);
  makeKnown(turning);
  try {
    const name = await createTopic([turning.bootstrap]);
    aws.secrets.set(arnOf('turning'), JSON.stringify(own));
    const kafka = { brokers: [turning.addresses.SSL ?? ''], topic: name, auth: mtls('turning') };
    const { id } = await product.createJob({
      name: 'turning',
      source: { kafka: { ...kafka, startOffsets: 'earliest' } },
      destination: { file: { table: 'turning' } },
    });
    await produce([turning.bootstrap], name, { records: [{ value: '{"n":1}' }] });
    await product.settle(id);

    await writeFile(trusted, otherAuthority.pem);
    aws.secrets.set(arnOf('turning'), JSON.stringify(foreign));
    await turning.restart();
    await produce([turning.bootstrap], name, { records: [{ value: '{"n":2}' }] });
    await product.settle(id);

    expect((await product.job(id)).state).toBe('RUNNING');
    expect(await product.lines('turning')).toEqual(['{"n":1}', '{"n":2}']);
  } finally {
    makeKnown(broker);
    await turning.stop();
  }
});

describe('a broker that demands a certificate', () => {
  test.each([
    ['whose key is not encrypted', 'own'],
    ['with those that lead to its authority', 'chained'],
    ['whose encrypted key comes with its password', 'unlocked'],
  ])('lets in one %s', async (_, secret) => {
    expect(await endOffset(mtls(secret))).toBe(250n);
  });

  test('refuses whoever has none, and one of a foreign authority, each with its reason', async () => {
    await expect(endOffset({ mechanism: 'tls' })).rejects.toMatchObject({
      code: 'BROKER_AUTH_FAILED',
      message: expect.stringContaining('demands a client certificate'),
    });
    await expect(endOffset(mtls('foreign'))).rejects.toMatchObject({
      code: 'BROKER_AUTH_FAILED',
      message: expect.stringContaining('does not accept our client certificate'),
    });
  });

  test('refuses a certificate whose chain leads to no authority that it trusts', async () => {
    const alone = JSON.stringify({ certificate: chained.pem, privateKey: keyPem(chained) });
    const secrets = secretsFrom(new Map([[arnOf('alone'), alone]]));
    const { certificates } = testLinkDeps({ secrets });
    await expect(endOffset(mtls('alone'), { certificates })).rejects.toMatchObject({
      code: 'BROKER_AUTH_FAILED',
    });
    expect(secrets.reads).toEqual([arnOf('alone'), arnOf('alone')]);
  });

  test('F22: is shown the new certificate once it refuses the one that was rotated', async () => {
    const texts = new Map([[arnOf('rotated'), JSON.stringify(foreign)]]);
    const secrets = secretsFrom(texts);
    const { certificates } = testLinkDeps({ secrets });
    await certificates.get(arnOf('rotated'));
    texts.set(arnOf('rotated'), JSON.stringify(own));

    expect(await endOffset(mtls('rotated'), { certificates })).toBe(250n);
    expect(secrets.reads).toEqual([arnOf('rotated'), arnOf('rotated')]);
  });
});
