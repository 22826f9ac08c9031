import type { ClusterLink } from './cluster-link.ts';
import type { RawRequest } from './kafkajs-inside.ts';
import { protocolFailure } from './protocol-errors.ts';
import { WireReader, WireWriter } from './wire.ts';

/**
 * For how long a topic keeps its records, by Kafka's DescribeConfigs request in version 1, which brokers from 1.1
 * to 4.x speak. Layout: DescribeConfigsRequest.json and DescribeConfigsResponse.json of Apache Kafka.
 */

const DESCRIBE_CONFIGS = 32;
const VERSION = 1;
const TOPIC = 2;
const RETENTION = 'retention.ms';
const POLICY = 'cleanup.policy';

/**
 * Milliseconds after which the topic deletes a record; `undefined` when it never does so by age. A limit by size
 * (`retention.bytes`) can delete sooner.
 *
 * @throws {LoadFailure} BROKER_AUTH_FAILED when the topic's configuration may not be seen, or what the link raises
 */
export async function askRetention(link: ClusterLink, topic: string): Promise<number | undefined> {
  return readRetention(await link.send('any', retentionRequest(topic)), topic);
}

function retentionRequest(topic: string): RawRequest {
  const keys = [RETENTION, POLICY];
  const body = new WireWriter().int32(1).int8(TOPIC).string(topic).int32(keys.length);
  for (const key of keys) body.string(key);
  return {
    apiKey: DESCRIBE_CONFIGS,
    apiVersion: VERSION,
    apiName: 'DescribeConfigs',
    body: body.boolean(false).finish(),
  };
}

function readRetention(answer: Buffer, topic: string): number | undefined {
  const reader = new WireReader(answer);
  reader.int32(); // throttle time: the broker enforces it by itself
  const configs = new Map<string | null, string | null>();
  reader.array(() => {
    const errorCode = reader.int16();
    reader.string(); // its message, in the broker's words
    if (errorCode !== 0) throw protocolFailure(errorCode, `configuration of ${topic}`, { topic });
    reader.int8();
    reader.string();
    reader.array(() => readConfig(reader, configs));
  });
  const deletes = configs.get(POLICY)?.split(',').includes('delete') ?? true;
  const retentionMs = Number(configs.get(RETENTION) ?? -1);
  return deletes && retentionMs >= 0 ? retentionMs : undefined;
}

function readConfig(reader: WireReader, configs: Map<string | null, string | null>): void {
  const name = reader.string();
  configs.set(name, reader.string());
  reader.boolean(); // read-only
  reader.int8(); // its source
  reader.boolean(); // sensitive
  reader.array(() => {
    reader.string();
    reader.string();
    reader.int8();
  });
}
