import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, test } from 'vitest';
import {
  brokerLinks,
  KAFKAJS_VERSION,
  type RawRequest,
  withoutIdleTimers,
} from '#shared/kafka/kafkajs-inside.ts';
import { type KafkaDouble, startKafkaDouble } from '../../../support/kafka-double.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function double(answer: Parameters<typeof startKafkaDouble>[0]['answer']) {
  const broker = await startKafkaDouble({ versions: { 1: [4, 17], 3: [0, 12] }, answer });
  cleanups.push(() => broker.stop());
  return broker;
}

async function linkTo({ address }: KafkaDouble, requestTimeout = 2_000) {
  const kafka = new Kafka({
    brokers: ['never.asked:1'],
    requestTimeout,
    logLevel: logLevel.NOTHING,
  });
  const link = await brokerLinks(kafka)(address);
  cleanups.push(() => link.disconnect());
  return link;
}

const request: RawRequest = {
  apiKey: 3,
  apiVersion: 7,
  apiName: 'Metadata',
  body: Buffer.from('question'),
};

test('kafkajs is the version whose inside we know, pinned exactly', async () => {
  const require = createRequire(import.meta.url);
  const manifest = JSON.parse(await readFile('package.json', 'utf8'));
  expect(manifest.dependencies.kafkajs).toBe(KAFKAJS_VERSION);
  expect(require('kafkajs/package.json').version).toBe(KAFKAJS_VERSION);
});

test('another inside is refused by name, not by an accident later', () => {
  const imposter = {} as unknown as Kafka;
  expect(() => brokerLinks(imposter)).toThrow(
    expect.objectContaining({
      code: 'INTERNAL',
      message: 'kafkajs must be 2.2.4: its Kafka has no private:Kafka:createCluster',
    }),
  );
  Object.assign(imposter, { [Symbol('private:Kafka:createCluster')]: () => ({}) });
  expect(() => brokerLinks(imposter)).toThrow('its Cluster.connectionPoolBuilder has no build');
});

test('a client has no timer for requests that wait while none does, but one when one does', async () => {
  const kafka = withoutIdleTimers(new Kafka({ brokers: ['never.asked:1'] }));
  const [create] = Object.getOwnPropertySymbols(kafka).filter(({ description }) =>
    description?.endsWith('createCluster'),
  );
  const cluster = Reflect.get(kafka, create!)({});
  const [{ requestQueue }] = (await cluster.connectionPoolBuilder.build()).pool;
  cleanups.push(async () => requestQueue.destroy());

  requestQueue.checkPendingRequests();
  expect(requestQueue.throttleCheckTimeoutId).toBeNull();

  requestQueue.maybeThrottle(60_000);
  requestQueue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest() {} });
  expect(requestQueue.throttleCheckTimeoutId).not.toBeNull();
});

test('a body is sent as it is, and the answer comes back as it is', async () => {
  const broker = await double(() => Buffer.from('answer'));
  const link = await linkTo(broker);

  const answer = await link.send(request);

  expect(answer.toString()).toBe('answer');
  expect(broker.requests).toEqual([{ apiKey: 3, apiVersion: 7, body: Buffer.from('question') }]);
  expect(link.versions().get(1)).toEqual({ min: 4, max: 17 });
});

test('a flexible request has tagged fields in its header, and those of the answer are taken off', async () => {
  const broker = await double(() => Buffer.from('\0answer'));
  const link = await linkTo(broker);

  const answer = await link.send({ ...request, apiVersion: 12, flexible: true });

  expect(answer.toString()).toBe('answer');
  expect(broker.requests[0]?.body).toEqual(Buffer.from('\0question'));
});

test('many requests at once share two connections, one of them for Fetch', async () => {
  const broker = await double(({ body }) => body);
  const link = await linkTo(broker);
  const asked = Array.from({ length: 20 }, (_, i) => ({
    ...request,
    apiKey: i % 2 === 0 ? 1 : 3,
    apiName: i % 2 === 0 ? 'Fetch' : 'Metadata',
    body: Buffer.from(`${i}`),
  }));

  const answers = await Promise.all(asked.map((each) => link.send(each)));

  expect(answers.map(String)).toEqual(asked.map(({ body }) => String(body)));
  expect(broker.connections).toBe(2);
});

test('a connection that the broker closes fails what is under way, and the next request opens another', async () => {
  let served = 0;
  const broker = await double(() => (served++ === 0 ? 'close' : Buffer.from('answer')));
  const link = await linkTo(broker);

  await expect(link.send(request)).rejects.toThrow();
  expect(String(await link.send(request))).toBe('answer');
});

test('a request without an answer ends after its time', async () => {
  const broker = await double(() => 'hang');
  const link = await linkTo(broker, 300);
  await expect(link.send(request)).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError' });
});
