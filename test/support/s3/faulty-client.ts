import { type S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/** What becomes of one command, once: refused before it is sent, or done and its answer replaced. */
export interface S3Fault {
  /** A command's name without `Command`, e.g. `CompleteMultipartUpload`. */
  readonly command: string;
  readonly when: 'before' | 'after';
  readonly error: { readonly name: string; readonly status: number };
}

/** Makes a client fail as told, by a layer in its middleware. */
export function withFaults(client: S3Client): {
  readonly client: S3Client;
  failNext(fault: S3Fault): void;
} {
  const faults: S3Fault[] = [];
  client.middlewareStack.add(
    (next, context) => async (input) => {
      const at = faults.findIndex(({ command }) => context.commandName === `${command}Command`);
      const [fault] = at < 0 ? [] : faults.splice(at, 1);
      if (fault?.when === 'after') await next(input);
      if (!fault) return next(input);
      throw new S3ServiceException({
        name: fault.error.name,
        message: fault.error.name,
        $fault: fault.error.status < 500 ? 'client' : 'server',
        $metadata: { httpStatusCode: fault.error.status },
      });
    },
    { step: 'initialize', priority: 'high', name: 'faults' },
  );
  return { client, failNext: (fault) => void faults.push(fault) };
}

/** Makes a client see what Amazon S3 answers to a repeated completion: the same as the first time. */
export function withIdempotentCompletion(client: S3Client): S3Client {
  const answers = new Map<string, unknown>();
  client.middlewareStack.add(
    (next, context) => async (input) => {
      if (context.commandName !== 'CompleteMultipartUploadCommand') return next(input);
      const { UploadId } = (input as { input: { UploadId: string } }).input;
      const known = answers.get(UploadId);
      if (known) return known as Awaited<ReturnType<typeof next>>;
      const answer = await next(input);
      answers.set(UploadId, answer);
      return answer;
    },
    { step: 'initialize', priority: 'high', name: 'idempotent completion' },
  );
  return client;
}
