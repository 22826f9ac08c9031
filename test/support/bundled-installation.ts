import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { systemClock } from '#shared/clock.ts';
import { namedWork } from '../../functions/loader/pipe-event.ts';
import { BUNDLE_FILE, bundleFunction } from '../../infra/bundle/bundle-function.ts';
import { toGatewayEvent } from '../../infra/local/gateway-event.ts';
import { type LocalBroker, startBroker } from '../../infra/local/kafka/start-broker.ts';
import { startPipe } from '../../infra/local/pipe.ts';
import { type Sandbox, startSandbox } from '../../infra/local/sandbox.ts';
import { PIPE_FILTER_CRITERIA, PIPE_INPUT_TEMPLATE } from '../../infra/settings/dispatch.ts';
import {
  FUNCTION_LIMITS,
  FUNCTION_NAMES,
  type FunctionName,
} from '../../infra/settings/functions.ts';
import { type AwsDouble, startAwsDouble } from './aws-double.ts';
import { type S3Mock, startS3Mock } from './s3/s3mock.ts';
import { deployedEnvironment } from './stacks.ts';
import { type FreshTables, freshTables } from './tables.ts';

/** The secret that the broker's login is in. */
export const SECRET =
  'arn:aws:secretsmanager:us-east-1:111111111111:secret:AmazonMSK_routine-load/loader-AbCdEf';
export const LOGIN = { username: 'loader', password: 'opens-sesame' };

const TRACE = '1-5759e988-bd862e3fe1be46a994272793';
const PART = { scheduler: 'SchedulerCycle', loader: 'LoaderTask', api: 'ApiJobs' } as const;
const HOST = process.arch === 'arm64' ? 'arm64' : 'x64';

/** What X-Ray's daemon is told of one step. */
interface Traced {
  readonly name: string;
  readonly annotations?: object;
}

/**
 * The bundles that the stack makes, each in a process of its own with the environment that the stack gives it. Only
 * addresses differ: they are those of a broker, tables, an S3 and a double of AWS that go with it.
 *
 * @throws {Error} when a bundle cannot be made, or a server does not start
 */
export async function startBundledInstallation(): Promise<BundledInstallation> {
  const root = await mkdtemp(join(tmpdir(), 'routine-load-bundles-'));
  const bundles = FUNCTION_NAMES.map((name) =>
    bundleFunction(name, { directory: join(root, 'bundles', name), architecture: HOST }),
  );
  const daemon = createSocket('udp4');
  daemon.bind(0, '127.0.0.1');
  const [broker, aws, store, s3] = await Promise.all([
    startBroker({
      directory: join(root, 'broker'),
      listeners: ['SASL_PLAINTEXT'],
      users: [LOGIN],
    }),
    startAwsDouble(),
    freshTables(),
    startS3Mock(),
    once(daemon, 'listening'),
    ...bundles,
  ]);
  aws.secrets.set(SECRET, JSON.stringify(LOGIN));
  return new BundledInstallation({ root, broker, aws, store, s3, daemon });
}

interface Parts {
  readonly root: string;
  readonly broker: LocalBroker;
  readonly aws: AwsDouble;
  readonly store: FreshTables;
  readonly s3: S3Mock;
  /** Stands in for X-Ray's daemon. */
  readonly daemon: Socket;
}

/** Made by {@link startBundledInstallation}; to be stopped. */
export class BundledInstallation {
  /** The folder of bundles, logs and tables. */
  readonly root: string;
  readonly broker: LocalBroker;
  readonly s3: S3Mock;
  /** What X-Ray's daemon was sent, by all functions. */
  readonly traced: Traced[] = [];
  readonly #parts: Parts;
  readonly #sandboxes: Sandbox[] = [];

  constructor(parts: Parts) {
    this.root = parts.root;
    this.broker = parts.broker;
    this.s3 = parts.s3;
    this.#parts = parts;
    parts.daemon.on('message', (bytes) => {
      this.traced.push(JSON.parse(bytes.toString('utf8').split('\n')[1] ?? ''));
    });
  }

  bundleOf(name: FunctionName): string {
    return join(this.root, 'bundles', name, BUNDLE_FILE);
  }

  /** What the stack sets, with addresses of this machine. */
  environmentOf(name: FunctionName): Record<string, string> {
    const { aws, store, s3, daemon } = this.#parts;
    return {
      ...deployedEnvironment(PART[name]),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_SESSION_TOKEN: 'example',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
      DYNAMODB_ENDPOINT: store.endpoint,
      JOBS_TABLE: store.jobsTable,
      TASKS_TABLE: store.tasksTable,
      ALLOWED_BROKERS: '127.0.0.1',
      ALLOWED_REGISTRIES: '127.0.0.1',
      ALLOWED_ENDPOINTS: s3.endpoint,
      // What Lambda itself sets.
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(FUNCTION_LIMITS[name].memoryMb),
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
      _X_AMZN_TRACE_ID: `Root=${TRACE};Parent=53995c3f42cd8ad8;Sampled=1`,
      FILE_DIRECTORIES: join(this.root, 'tables'),
    };
  }

  /** A function in a process that begins cold. */
  async start(name: FunctionName): Promise<Sandbox> {
    const sandbox = await startSandbox({
      name,
      handler: pathToFileURL(this.bundleOf(name)),
      environment: this.environmentOf(name),
      processes: 1,
      invocations: 1,
      timeoutMs: FUNCTION_LIMITS[name].timeoutMs,
      logFile: join(this.root, 'logs', `${name}.log`),
    });
    this.#sandboxes.push(sandbox);
    return sandbox;
  }

  /** What the pipe hands over of a job until `count` tasks came, out of the table's real stream. */
  async pipeEvents(jobId: string, count: number): Promise<unknown[]> {
    const { store } = this.#parts;
    const events: unknown[] = [];
    const enough = Promise.withResolvers<void>();
    const streams = new DynamoDBStreamsClient({
      endpoint: store.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const pipe = startPipe({
      streams,
      streamArn: store.streamArn,
      filter: PIPE_FILTER_CRITERIA,
      inputTemplate: PIPE_INPUT_TEMPLATE,
      clock: systemClock,
      onError: enough.reject,
      target: async (event) => {
        if (!namedWork(event).tasks.some((task) => task.jobId === jobId)) return;
        events.push(event);
        if (events.length === count) enough.resolve();
      },
    });
    await enough.promise.finally(() => pipe.close());
    streams.destroy();
    return events;
  }

  /** The lines of a table's files. */
  async linesOf(table: string): Promise<string[]> {
    const folder = join(this.root, 'tables', table);
    const files = (await readdir(folder)).filter((name) => !name.startsWith('_'));
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.flatMap((text) => text.split('\n').slice(0, -1));
  }

  async stop(): Promise<void> {
    const { aws, s3, daemon, broker } = this.#parts;
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox.stop()));
    await Promise.all([aws.stop(), s3.stop(), broker.stop()]);
    daemon.close();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A request to the API's bundle, as API Gateway sends it. */
export async function ask(api: Sandbox, request: string, body?: unknown) {
  const [method = '', target = ''] = request.split(' ');
  const event = toGatewayEvent({
    method,
    target,
    headers: { 'content-type': ['application/json'] },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    sourceIp: '127.0.0.1',
    requestId: 'test',
    now: Date.now(),
  });
  const answer = (await api.invoke(event)) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}
