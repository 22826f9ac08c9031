import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import { rememberedLogins, secretsManager } from '../../functions/shared/kafka/secrets.ts';
import { apiOver } from '../support/api-calls.ts';
import { type AwsDouble, startAwsDouble } from '../support/aws-double.ts';
import { type DorisDouble, startDoris } from '../support/doris/doris-double.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Secrets that jobs name, as a whole: the SDK's client, over HTTP, to a stand-in for Secrets Manager. */

const brokers = inject('kafkaBrokers');
const secretOf = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;
const before = { ...process.env };

let aws: AwsDouble;
let doris: DorisDouble;
let product: Product;
let login: string;

beforeAll(async () => {
  [aws, doris] = await Promise.all([startAwsDouble(), startDoris()]);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
  login = JSON.stringify({ username: doris.login.user, password: doris.login.password });
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
    sinks: {
      logins: rememberedLogins(secretsManager(), systemClock),
      outbound: {
        allowed: allowedHosts(['127.0.0.1'], 'destinations'),
        clock: systemClock,
        connectTimeoutMs: 1_000,
        requestTimeoutMs: 5_000,
      },
    },
  });
});
afterAll(async () => {
  process.env = before;
  await product.close();
  await Promise.all([aws.stop(), doris.close()]);
});

async function jobWith(secretArn: string, table: string) {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: [{ value: '{"n":1}' }] });
  const frontends = doris.addresses();
  return product.createJob({
    name: table,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { doris: { frontends, tls: false, database: 'air', table, secretArn } },
  });
}

it('a job whose secret is not there pauses at once, says so, and loads when it is there and resumed', async () => {
  const arn = secretOf('missing');
  const { id } = await jobWith(arn, 'missing');
  await product.settle(id);

  const { state, reason, resume } = await product.job(id);
  expect([state, reason.code, resume]).toEqual(['PAUSED', 'SECRET_UNUSABLE', undefined]);
  expect(reason.message).toContain(`secret ${arn} cannot be read: there is no such secret`);
  expect(aws.calls).toEqual([`GetSecretValue ${arn}`]);
  expect((await product.tasks(id)).map(({ status }) => status)).toEqual(['CANCELLED']);

  aws.secrets.set(arn, login);
  await apiOver(product.tables, { clock: product.clock }).call(`POST /jobs/${id}/resume`);
  await product.settle(id);
  expect(doris.transactions.visible('missing')).toEqual(['{"n":1}']);
});

it('a job whose secret is no login pauses at once, and nothing of it is told', async () => {
  const arn = secretOf('strange');
  aws.secrets.set(arn, '{"user":"canary-7f3a"}');
  const { id } = await jobWith(arn, 'strange');
  await product.settle(id);

  const { state, reason } = await product.job(id);
  expect([state, reason.code]).toEqual(['PAUSED', 'SECRET_UNUSABLE']);
  expect(JSON.stringify([reason, await product.tasks(id)], bigintText)).not.toContain('canary');
});

it('a job goes on by itself when Secrets Manager throttles no longer', async () => {
  const arn = secretOf('throttled');
  aws.secrets.set(arn, login);
  aws.refused.set(arn, 'ThrottlingException');
  const { id } = await jobWith(arn, 'throttled');
  await product.cycle();
  await product.cycle();
  await product.load(id);
  const [failed] = await product.tasks(id);
  expect(failed).toMatchObject({ status: 'PENDING', error: { code: 'SECRET_UNAVAILABLE' } });

  aws.refused.clear();
  product.clock.forward(60_000);
  await product.settle(id);
  expect(doris.transactions.visible('throttled')).toEqual(['{"n":1}']);
});

function bigintText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
