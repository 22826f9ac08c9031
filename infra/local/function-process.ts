/**
 * A child process that stands for Lambda's sandbox: it loads the module named by its first argument and
 * runs its handler for every message. Started by sandbox.ts only.
 *
 * - it ends with its parent, however that ended: the channel between them closes;
 * - Ctrl-C in a terminal reaches every process of the group; this one leaves it to its parent to stop.
 */
import type { Context } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import type { InvokeMessage, SandboxMessage } from './function-settings.ts';

type Handler = (event: unknown, context: Context) => unknown;

process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);

const module = process.argv[2] ?? '';

function tell(message: SandboxMessage): void {
  if (process.connected) process.send?.(message);
}

function lambdaContext({ requestId, deadline }: InvokeMessage): Context {
  const name = process.env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  const unsupported = () => {
    throw new Error('done, fail and succeed are of a Node runtime long gone');
  };
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${name}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
    getRemainingTimeInMillis: () => Math.max(0, deadline - systemClock.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  };
}

async function run(handler: Handler, message: InvokeMessage): Promise<void> {
  const { requestId } = message;
  try {
    const result = await handler(message.event, lambdaContext(message));
    tell({ kind: 'result', requestId, result });
  } catch (error) {
    console.error(`invocation ${requestId} failed:`, error);
    tell({ kind: 'error', requestId, message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

try {
  const { handler } = (await import(module)) as { handler?: unknown };
  if (typeof handler !== 'function') throw new Error(`${module} exports no handler`);
  process.on('message', (message) => {
    void run(handler as Handler, message as InvokeMessage);
  });
  tell({ kind: 'ready' });
} catch (error) {
  console.error('the function does not load:', error);
  tell({ kind: 'refused', message: messageOf(error) });
  process.disconnect();
}
