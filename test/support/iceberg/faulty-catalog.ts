import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one commit. */
export interface CommitFault {
  /** What others do when the request is on its way, before the catalog sees it. */
  readonly before?: () => Promise<unknown>;
  /** Whether the catalog gets to see it at all. @default true */
  readonly isDone?: boolean;
  /** A status instead of the catalog's own answer, or no answer. Default: the catalog's. */
  readonly answer?: number | 'lost';
}

/** Stands before a catalog, and lets commits fail as told; all else passes. */
export interface FaultyCatalog {
  readonly uri: string;
  /** Statuses that the catalog answered to commits. */
  readonly commits: readonly number[];
  /** The next commits have these faults, one each. */
  failNext(...faults: readonly CommitFault[]): void;
  close(): Promise<void>;
}

export async function startFaultyCatalog(catalog: string): Promise<FaultyCatalog> {
  const faults: CommitFault[] = [];
  const commits: number[] = [];
  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const isCommit = incoming.method === 'POST';
    const fault = (isCommit && faults.shift()) || {};
    await fault.before?.();
    const passed =
      (fault.isDone ?? true)
        ? await fetch(`${catalog}${incoming.url}`, {
            method: incoming.method ?? 'GET',
            headers: { 'content-type': 'application/json' },
            ...(isCommit && { body: Buffer.concat(chunks) }),
          })
        : undefined;
    const body = await passed?.text();
    if (isCommit && passed) commits.push(passed.status);
    if (fault.answer === 'lost') return void incoming.destroy();
    response.writeHead(fault.answer ?? passed?.status ?? 500).end(fault.answer ? '' : body);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commits,
    failNext: (...given) => void faults.push(...given),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
