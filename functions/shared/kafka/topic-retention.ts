import type { ClusterLink } from './cluster-link.ts';
import type { RawRequest } from './kafkajs-inside.ts';
import { protocolFailure } from './protocol-errors.ts';
import { WireReader, WireWriter } from './wire.ts';

/**
 * For how long a topic keeps its records, and how many bytes of them, by Kafka's DescribeConfigs request in version 1, which brokers from 1.1
 * to 4.x speak. Layout: DescribeConfigsRequest.json and DescribeConfigsResponse.json of Apache Kafka.
 */

const DESCRIBE_CONFIGS = 32;
const VERSION = 1;
const TOPIC = 2;
const AGE = 'retention.ms';
const SIZE = 'retention.bytes';
const POLICY = 'cleanup.policy';
/** Then most of a log can be where no broker has it (KIP-405). */
const TIERED = 'remote.storage.enable';

/** By what a topic deletes records; each is absent where there is no such limit. */
export interface TopicRetention {
  /** Age of a record. */
  readonly ms?: number | undefined;
  /** Size of a partition's log; absent as well where part of the log is kept elsewhere. */
  readonly bytes?: number | undefined;
}

/**
 * The limits that the topic's configuration sets, its own or its cluster's.
 *
 * @throws {LoadFailure} BROKER_AUTH_FAILED when the topic's configuration may not be seen, or what the link raises
 */
export async function askRetention(link: ClusterLink, topic: string): Promise<TopicRetention> {
  return readRetention(await link.send('any', retentionRequest(topic)), topic);
}

function retentionRequest(topic: string): RawRequest {
  const keys = [AGE, SIZE, POLICY, TIERED];
  const body = new WireWriter().int32(1).int8(TOPIC).string(topic).int32(keys.length);
  for (const key of keys) body.string(key);
  return {
    apiKey: DESCRIBE_CONFIGS,
    apiVersion: VERSION,
    apiName: 'DescribeConfigs',
    body: body.boolean(false).finish(),
  };
}

function readRetention(answer: Buffer, topic: string): TopicRetention {
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
  if (!deletes) return {};
  const limit = (key: string) => {
    const value = Number(configs.get(key) ?? -1);
    return value >= 0 ? value : undefined;
  };
  return { ms: limit(AGE), bytes: configs.get(TIERED) === 'true' ? undefined : limit(SIZE) };
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
