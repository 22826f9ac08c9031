import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../clock.ts';
import { NO_TRACE, type Trace } from './trace.ts';

/**
 * Subsegments of AWS X-Ray, sent to the daemon that Lambda runs beside every sandbox. The protocol is a header
 * and a JSON document in one datagram: AWS X-Ray developer guide, "X-Ray segment documents" and "Sending
 * segment documents to the X-Ray daemon".
 *
 * Not by the tracer of Powertools: docs/deployment.md says what that weighs.
 */

const HEADER = '{"format":"json","version":1}\n';
/** The daemon takes no longer documents than a datagram of 64 KB; a message is cut long before. */
const LONGEST_MESSAGE = 1_000;

/** The traces of one invocation. */
export interface InvocationTrace {
  readonly trace: Trace;
  /** Resolves when everything is on its way, for Lambda freezes what is left. Throws never. */
  close(): Promise<void>;
}

/** What Lambda says about the invocation's trace: its `_X_AMZN_TRACE_ID`. */
interface Header {
  readonly traceId: string;
  readonly parentId: string;
}

/**
 * The trace of this invocation; one that notes nothing when X-Ray does not sample it, or there is no X-Ray.
 *
 * @param environment as Lambda sets it anew for every invocation
 */
export function openTrace(
  environment: Readonly<Record<string, string | undefined>>,
  clock: Pick<Clock, 'now'>,
): InvocationTrace {
  const header = sampledHeader(environment._X_AMZN_TRACE_ID);
  const [host, port] = (environment.AWS_XRAY_DAEMON_ADDRESS ?? '').split(':');
  if (header === undefined || !host || !port) {
    return { trace: NO_TRACE, close: async () => undefined };
  }
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.unref();
  const sending = new Set<Promise<void>>();
  const send = (document: object): void => {
    const sent = datagram(socket, HEADER + JSON.stringify(document), {
      host,
      port: Number(port),
    }).finally(() => sending.delete(sent));
    sending.add(sent);
  };
  return {
    trace: traceUnder(header, { clock, send }),
    async close() {
      await Promise.all(sending);
      socket.close();
    },
  };
}

function sampledHeader(text = ''): Header | undefined {
  const fields = new Map(text.split(';').map((part) => part.split('=', 2) as [string, string]));
  const [traceId, parentId] = [fields.get('Root'), fields.get('Parent')];
  if (!traceId || !parentId || fields.get('Sampled') !== '1') return undefined;
  return { traceId, parentId };
}

function traceUnder(
  { traceId, parentId }: Header,
  deps: { readonly clock: Pick<Clock, 'now'>; readonly send: (document: object) => void },
): Trace {
  return {
    async span(name, work, annotations) {
      const id = randomBytes(8).toString('hex');
      const began = deps.clock.now();
      const end = (outcome: object) =>
        deps.send({
          id,
          name,
          type: 'subsegment',
          trace_id: traceId,
          parent_id: parentId,
          start_time: began / 1_000,
          end_time: deps.clock.now() / 1_000,
          ...(annotations && { annotations }),
          ...outcome,
        });
      try {
        const result = await work(traceUnder({ traceId, parentId: id }, deps));
        end({});
        return result;
      } catch (error) {
        end(faultOf(error));
        throw error;
      }
    },
  };
}

function faultOf(error: unknown): object {
  const { name: type, message } = error instanceof Error ? error : new Error(String(error));
  const exception = {
    id: randomBytes(8).toString('hex'),
    type,
    message: message.slice(0, LONGEST_MESSAGE),
  };
  return { fault: true, cause: { exceptions: [exception] } };
}

/** Whether it arrives is nobody's business here. */
function datagram(
  socket: Socket,
  text: string,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve) => {
    socket.send(text, port, host, () => resolve());
  });
}
