import type { ClusterLink } from './cluster-link.ts';
import type { RawRequest } from './kafkajs-inside.ts';
import { WireReader, WireWriter } from './wire.ts';

/**
 * How many bytes the logs of partitions have, by Kafka's DescribeLogDirs request in version 1, which brokers from 2.0
 * to 4.x speak. Layout: DescribeLogDirsRequest.json and DescribeLogDirsResponse.json of Apache Kafka.
 */

const DESCRIBE_LOG_DIRS = 35;
const VERSION = 1;

/**
 * Bytes of each partition's log, compressed as it is, on the broker that leads it. Partitions of which nobody tells
 * are left out.
 *
 * Whoever may not describe the cluster gets an answer without any log, since only later versions say why. All brokers
 * would answer alike, so after the first such answer no other is asked.
 *
 * @throws {LoadFailure} what the link raises
 */
export async function askLogSizes(
  link: Pick<ClusterLink, 'leaders' | 'send'>,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>();
  for (const [node, led] of link.leaders(topic, partitions)) {
    const told = readLogSizes(await link.send(node, logDirsRequest(topic, led)));
    if (told.length === 0) break;
    for (const [partition, bytes] of told) sizes.set(partition, bytes);
  }
  return sizes;
}

function logDirsRequest(topic: string, partitions: readonly number[]): RawRequest {
  const body = new WireWriter().int32(1).string(topic).int32(partitions.length);
  for (const partition of partitions) body.int32(partition);
  return {
    apiKey: DESCRIBE_LOG_DIRS,
    apiVersion: VERSION,
    apiName: 'DescribeLogDirs',
    body: body.finish(),
  };
}

function readLogSizes(answer: Buffer): (readonly [partition: number, bytes: number])[] {
  const reader = new WireReader(answer);
  reader.int32(); // throttle time: the broker enforces it by itself
  const directories = reader.array(() => {
    reader.int16(); // an error of the directory, which then has no logs
    reader.string();
    const topics = reader.array(() => {
      reader.string();
      return reader.array(() => readLog(reader));
    });
    return topics.flat(2);
  });
  return directories.flat();
}

/** One that is being moved to another directory stands there as well, and is not whole yet. */
function readLog(reader: WireReader): (readonly [number, number])[] {
  const partition = reader.int32();
  const bytes = Number(reader.int64());
  reader.int64(); // how far it is behind
  const isFuture = reader.boolean();
  return isFuture ? [] : [[partition, bytes]];
}
