import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TOKEN_METADATA } from '../../../functions/loader/sinks/s3/upload-handle.ts';
import { s3Error } from '../doubles/sinks/s3/bucket.ts';
import type { Mutant } from './mutant.ts';

/** Guards of the S3 sink: what it asks of the bucket, and what it makes of the answers. */

type Send = (command: object) => Promise<object>;

/** A client whose every command goes through `change`. */
function sending(change: (command: object, send: Send) => Promise<object>) {
  return (client: S3Client): S3Client => {
    const send = client.send.bind(client) as unknown as Send;
    return { send: (command: object) => change(command, send) } as unknown as S3Client;
  };
}

/** Shows every object as the one whose upload began last under its key. */
function believingKeys(): (client: S3Client) => S3Client {
  const tokens = new Map<string | undefined, string>();
  return sending(async (command, send) => {
    if (command instanceof CreateMultipartUploadCommand) {
      const { Key, Metadata } = command.input;
      tokens.set(Key, Metadata?.[TOKEN_METADATA] ?? '');
    }
    const answer = await send(command);
    if (!(command instanceof HeadObjectCommand)) return answer;
    return { ...answer, Metadata: { [TOKEN_METADATA]: tokens.get(command.input.Key) ?? '' } };
  });
}

const isNoSuchUpload = (error: unknown) => error instanceof Error && error.name === 'NoSuchUpload';

export const OBJECT_GUARDS: readonly Mutant[] = [
  {
    guard: 's3: an object is ours by its token, not by its key',
    sink: 's3',
    sabotage: () => ({ s3: believingKeys() }),
  },
  {
    guard: 's3: a completion replaces nothing',
    sink: 's3',
    sabotage: () => ({
      s3: sending(async (command, send) => {
        if (!(command instanceof CompleteMultipartUploadCommand)) return send(command);
        const { IfNoneMatch, ...input } = command.input;
        return send(new CompleteMultipartUploadCommand(input));
      }),
    }),
  },
  {
    guard: 's3: behind a completion that fails the object itself is looked at',
    sink: 's3',
    sabotage: () => ({
      s3: sending(async (command, send) => {
        if (command instanceof HeadObjectCommand) throw s3Error('NotFound', 404);
        return send(command);
      }),
    }),
  },
  {
    guard: 's3: an upload that is gone is not believed completed',
    sink: 's3',
    sabotage: () => ({
      s3: sending(async (command, send) => {
        if (!(command instanceof CompleteMultipartUploadCommand)) return send(command);
        return send(command).catch((error: unknown) => {
          if (isNoSuchUpload(error)) return {};
          throw error;
        });
      }),
    }),
  },
];
