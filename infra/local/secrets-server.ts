import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

/**
 * What Secrets Manager is in AWS: GetSecretValue over a file of secrets by their ARNs, for warehouses, registries and
 * brokers with a login. Without it the functions would ask AWS itself.
 */
export interface SecretsServer {
  readonly url: string;
  close(): Promise<void>;
}

const request = z.object({ SecretId: z.string() });
/** Each secret as AWS has it, a text, or as the JSON object that the text would be. */
const secretsFile = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]));

/**
 * Serves on a free port of 127.0.0.1. The file is read at each request, so it may be made and changed at any time.
 * What it holds is never told but as an answer.
 *
 * @param onTrouble told when the file is there but is not JSON of secrets
 */
export async function startSecretsServer(
  file: string,
  onTrouble: (message: string) => void,
): Promise<SecretsServer> {
  const server = createServer(async (asked, response) => {
    const answer = await answerOf(file, asked).catch((): Answer => {
      onTrouble(`${file} must be JSON: {"<ARN>": {"username": "...", "password": "..."}}`);
      // It may be half written: what asks shall ask again.
      return refusal('InternalServiceError');
    });
    response.writeHead(answer.error === undefined ? 200 : 400, {
      'content-type': 'application/x-amz-json-1.1',
      ...(answer.error !== undefined && { 'x-amzn-errortype': answer.error }),
    });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly error?: string;
  readonly body: unknown;
}

async function answerOf(file: string, asked: IncomingMessage): Promise<Answer> {
  const parsed = request.safeParse(JSON.parse(await bodyOf(asked)));
  if (!parsed.success) return refusal('InvalidRequestException');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '{}';
  });
  const { SecretId } = parsed.data;
  const secret = new Map(Object.entries(secretsFile.parse(JSON.parse(text)))).get(SecretId);
  if (secret === undefined) return refusal('ResourceNotFoundException');
  const SecretString = typeof secret === 'string' ? secret : JSON.stringify(secret);
  return { body: { ARN: SecretId, Name: SecretId, SecretString } };
}

function refusal(error: string): Answer {
  return { error, body: { message: error } };
}

async function bodyOf(asked: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of asked.setEncoding('utf8')) body += chunk;
  return body;
}
