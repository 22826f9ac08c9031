import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Stands in for two AWS services over HTTP, as their SDK clients speak with them: GetSecretValue of Secrets
 * Manager, GetBootstrapBrokers and DescribeTopicPartitions of MSK.
 */
export interface AwsDouble {
  readonly url: string;
  /** Secret texts by ARN; to be changed at will. */
  readonly secrets: Map<string, string>;
  /** Errors by which secrets are refused, by ARN. */
  readonly refused: Map<string, string>;
  /** Bootstrap strings (`BootstrapBrokerString...`) by cluster ARN. */
  readonly clusters: Map<string, Record<string, string>>;
  /** Pages of partition numbers by `clusterArn topic`; a topic that is not in it is not found. */
  readonly topics: Map<string, readonly (readonly number[])[]>;
  /** What was asked for, in order: `GetSecretValue <arn>` and so on. */
  readonly calls: string[];
  stop(): Promise<void>;
}

/** Serves on a free port of 127.0.0.1. */
export async function startAwsDouble(): Promise<AwsDouble> {
  const state = {
    secrets: new Map<string, string>(),
    refused: new Map<string, string>(),
    clusters: new Map<string, Record<string, string>>(),
    topics: new Map<string, readonly (readonly number[])[]>(),
    calls: [] as string[],
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const answer = request.headers['x-amz-target']
        ? secretsManager(state, JSON.parse(body))
        : msk(state, new URL(request.url ?? '/', 'http://double'));
      send(response, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...state,
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly body: unknown;
}

type State = Pick<AwsDouble, 'secrets' | 'refused' | 'clusters' | 'topics' | 'calls'>;

function secretsManager(
  { secrets, refused, calls }: State,
  { SecretId }: { SecretId: string },
): Answer {
  calls.push(`GetSecretValue ${SecretId}`);
  const error = refused.get(SecretId);
  if (error !== undefined) return refusal(400, error);
  const text = secrets.get(SecretId);
  if (text === undefined) return refusal(400, 'ResourceNotFoundException');
  return { status: 200, body: { ARN: SecretId, Name: 'secret', SecretString: text } };
}

function msk({ clusters, topics, calls }: State, url: URL): Answer {
  const [, , , arn = '', kind, topic = '', leaf] = url.pathname.split('/').map(decodeURIComponent);
  if (kind === 'bootstrap-brokers') {
    calls.push(`GetBootstrapBrokers ${arn}`);
    const strings = clusters.get(arn);
    if (!strings) return refusal(404, 'NotFoundException');
    const body = Object.entries(strings).map(([key, value]) => [lowerFirst(key), value]);
    return { status: 200, body: Object.fromEntries(body) };
  }
  if (kind === 'topics' && leaf === 'partitions') {
    calls.push(`DescribeTopicPartitions ${arn} ${topic}`);
    const pages = topics.get(`${arn} ${topic}`);
    const at = Number(url.searchParams.get('nextToken') ?? '0');
    const page = pages?.[at];
    if (!pages || !page) return refusal(404, 'UnknownTopicOrPartitionException');
    const partitions = page.map((partition) => ({ partition, leader: 1, replicas: [1], isr: [1] }));
    const more = at + 1 < pages.length ? { nextToken: String(at + 1) } : {};
    return { status: 200, body: { partitions, ...more } };
  }
  return refusal(404, 'NotFoundException');
}

function refusal(status: number, error: string): Answer {
  return { status, error, body: { message: 'refused by the double' } };
}

function send(response: ServerResponse, { status, error, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(error ? { 'x-amzn-errortype': error } : {}),
  });
  response.end(JSON.stringify(body));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
