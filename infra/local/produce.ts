/** `npm run produce -- <topic> [file]`: a record per line into a topic of the installation on this machine. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { systemClock } from '#shared/clock.ts';
import { demoKafka } from './demo/kafka-client.ts';
import { ensureTopic } from './demo/topics.ts';
import { brokerAddressIn } from './kafka/broker-identity.ts';
import { hideKafkajsWarning } from './kafkajs-warning.ts';
import { LOCAL_ROOT, localFolders } from './local-settings.ts';
import { type LineFormat, type LineRecord, recordOf } from './record-line.ts';

const HELP = `npm run produce -- <topic> [file] [options]

Makes a record of each line of the file, or of the standard input, and the topic when it is missing.

  --partitions N        of a topic that is made, 1 to 1000 (default: 4)
  --key-separator TEXT  what stands between key and value in a line (default: no keys)
  --null TEXT           a value with this text is a tombstone
  --brokers LIST        host:port, with commas (default: KAFKA_BROKERS, else the broker of npm start)
  --help                this page
`;

const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;
const PARTITIONS_MAX = 1_000;
const RECORDS_PER_SEND = 5_000;

interface Command {
  readonly topic: string;
  /** Absent: the standard input. */
  readonly file: string | undefined;
  readonly partitions: number;
  readonly brokers: string | undefined;
  readonly format: LineFormat;
}

async function main(): Promise<void> {
  hideKafkajsWarning();
  const command = commandOf(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const { topic, file, format } = command;
  const kafka = demoKafka((command.brokers ?? (await ownBroker())).split(','));
  await makeTopic(kafka, topic, command.partitions);
  const records = linesOf(file, (line) => recordOf(line, format));
  process.stdout.write(`${await produceLines(kafka, topic, records)} records into ${topic}\n`);
}

/** @throws {Error} in one sentence */
function commandOf(args: string[]): Command | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      partitions: { type: 'string', default: '4' },
      'key-separator': { type: 'string' },
      null: { type: 'string' },
      brokers: { type: 'string', default: process.env.KAFKA_BROKERS },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [topic, file, ...rest] = positionals;
  if (topic === undefined || rest.length > 0) {
    throw new Error(
      `name a topic and at most one file, got ${positionals.length} words; see npm run produce -- --help`,
    );
  }
  if (!TOPIC.test(topic)) {
    throw new Error(`a topic must be 1-249 of A-Z a-z 0-9 . _ -, got ${JSON.stringify(topic)}`);
  }
  const partitions = Number(values.partitions);
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX) {
    throw new Error(`--partitions must be 1 to ${PARTITIONS_MAX}, got ${values.partitions}`);
  }
  const format = { keySeparator: values['key-separator'], nullText: values.null };
  return { topic, file, partitions, brokers: values.brokers, format };
}

async function ownBroker(): Promise<string> {
  const address = await brokerAddressIn(localFolders(LOCAL_ROOT).broker);
  if (address !== undefined) return address;
  throw new Error('there is no broker of this folder yet: run npm start, or give --brokers');
}

async function makeTopic(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const present = await admin.listTopics();
    if (!present.includes(topic)) await ensureTopic(admin, { topic, partitions }, systemClock);
  } finally {
    await admin.disconnect();
  }
}

async function* linesOf(
  file: string | undefined,
  read: (line: string) => LineRecord,
): AsyncGenerator<LineRecord> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  const bytes = input.setEncoding('latin1');
  for await (const line of createInterface({ input: bytes })) yield read(line);
}

/** @returns how many */
async function produceLines(
  kafka: Kafka,
  topic: string,
  records: AsyncIterable<LineRecord>,
): Promise<number> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  let sent = 0;
  try {
    let batch: LineRecord[] = [];
    for await (const record of records) {
      batch.push(record);
      if (batch.length < RECORDS_PER_SEND) continue;
      sent += await send(producer, topic, batch);
      batch = [];
    }
    return sent + (await send(producer, topic, batch));
  } finally {
    await producer.disconnect();
  }
}

async function send(producer: Producer, topic: string, batch: LineRecord[]): Promise<number> {
  if (batch.length > 0) await producer.send({ topic, messages: batch });
  return batch.length;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
