import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A schema's version as Glue keeps it. */
export interface GlueVersion {
  readonly DataFormat: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly SchemaDefinition: string;
  /** The name of its registry. @default events */
  readonly registry?: string;
}

/**
 * Stands in for AWS Glue over HTTP, as its SDK client speaks with it: GetSchemaVersion by a version's id. The client
 * finds it by `AWS_ENDPOINT_URL_GLUE`, and needs some credentials.
 */
export interface GlueDouble {
  readonly url: string;
  /** Ids that were asked for, in their order. */
  readonly asked: readonly string[];
  register(id: string, version: GlueVersion): void;
  /** The error by which it refuses everything from now on; undefined: it answers. */
  refuseWith(error: string | undefined): void;
  stop(): Promise<void>;
}

/** Serves on a free port of 127.0.0.1. */
export async function startGlueDouble(): Promise<GlueDouble> {
  const versions = new Map<string, GlueVersion>();
  const asked: string[] = [];
  let refusal: string | undefined;

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const isKnown = request.headers['x-amz-target'] === 'AWSGlue.GetSchemaVersion';
    const { SchemaVersionId: id } = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(id);
    const version = versions.get(id);
    const error =
      refusal ??
      (isKnown ? undefined : 'UnknownOperationException') ??
      (version ? undefined : MISSING);
    response.writeHead(error ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(error ? { __type: error } : described(id, version as GlueVersion)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    register: (id, version) => void versions.set(id, version),
    refuseWith(error) {
      refusal = error;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const MISSING = 'EntityNotFoundException';

function described(SchemaVersionId: string, { registry = 'events', ...version }: GlueVersion) {
  const SchemaArn = `arn:aws:glue:us-east-1:111111111111:schema/${registry}/orders`;
  return { SchemaVersionId, ...version, SchemaArn, Status: 'AVAILABLE' };
}
