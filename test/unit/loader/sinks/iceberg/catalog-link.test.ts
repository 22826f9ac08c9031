import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsSignature } from '../../../../../functions/loader/sinks/iceberg/aws-signature.ts';
import { authorizerOf } from '../../../../../functions/loader/sinks/iceberg/catalog-auth.ts';
import { catalogLink } from '../../../../../functions/loader/sinks/iceberg/catalog-link.ts';
import { allowedHosts } from '../../../../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../../../../functions/shared/clock.ts';
import {
  type CatalogAuth,
  icebergDestination,
} from '../../../../../functions/shared/domain/spec/iceberg-destination.ts';

/** A catalog on loopback that says what a test wants it to say. */

type Reply = readonly [status: number, body: object | string, headers?: Record<string, string>];

const BIG = 8_223_372_036_854_775_807n;
const METADATA = `{"format-version":2,"table-uuid":"u","location":"s3://lake/t","last-updated-ms":1,
  "schemas":[{"schema-id":0,"fields":[]}],"current-schema-id":0,"partition-specs":[{"spec-id":0,"fields":[]}],
  "default-spec-id":0,"current-snapshot-id":${BIG},"refs":{"main":{"snapshot-id":${BIG},"type":"branch"}}}`;
const LOADED: Reply = [200, `{"metadata":${METADATA},"config":{}}`];
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:catalog-AbCdEf';

let asked: { line: string; body: string; headers: IncomingMessage['headers'] }[];
let replies: Record<string, Reply>;
const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk) => chunks.push(chunk));
  incoming.on('end', () => {
    const { method = '', url = '', headers } = incoming;
    asked.push({ line: `${method} ${url}`, body: Buffer.concat(chunks).toString(), headers });
    const found = Object.keys(replies).find((part) => `${method} ${url}`.includes(part));
    const reply: Reply = replies[found ?? ''] ?? [200, {}];
    const [status, body, more] = reply;
    if (status === 0) return void incoming.destroy();
    response.writeHead(status, more).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
});

beforeEach(async () => {
  asked = [];
  replies = { 'GET /iceberg/v1/config': [200, { defaults: {} }], 'GET ': LOADED };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

let refusals = 0;

function link({
  auth,
  warehouse,
  hosts = ['127.0.0.1'],
  namespace = 'air.eu',
}: {
  auth?: CatalogAuth;
  warehouse?: string;
  hosts?: string[];
  namespace?: string;
} = {}) {
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/iceberg/`;
  const destination = icebergDestination.parse({
    catalog: { uri, auth, warehouse },
    namespace,
    table: 'flüge',
  });
  const s3 = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'hidden', sessionToken: 'session' },
  });
  return catalogLink({
    destination,
    outbound: {
      allowed: allowedHosts(hosts, 'destinations'),
      clock: systemClock,
      connectTimeoutMs: 1_000,
      requestTimeoutMs: 1_000,
    },
    refused: () => {
      refusals += 1;
    },
    authorize: authorizerOf(destination.catalog.auth, {
      tokens: { get: async (arn) => `token of ${arn.slice(-6)}`, drop: () => {} },
      sign: (signed) => awsSignature(s3, signed),
    }),
  });
}

describe('a catalog', () => {
  it('is asked where its tables are, and then for the table, by names that fit a path', async () => {
    const prefix = 'catalogs/123456789012';
    replies['GET /iceberg/v1/config'] = [200, { defaults: { prefix: 'x' }, overrides: { prefix } }];
    const own = link({ warehouse: 'arn:aws:x/y' });
    const { refs } = await own.load({ snapshots: 'refs' });
    expect(refs.main?.['snapshot-id']).toBe(BIG);
    await own.load({ snapshots: 'all' });
    expect(asked.map(({ line }) => line)).toEqual([
      'GET /iceberg/v1/config?warehouse=arn%3Aaws%3Ax%2Fy',
      `GET /iceberg/v1/${prefix}/namespaces/air%1Feu/tables/fl%C3%BCge?snapshots=refs`,
      `GET /iceberg/v1/${prefix}/namespaces/air%1Feu/tables/fl%C3%BCge?snapshots=all`,
    ]);
  });

  it('gets a commit with all digits, and by the names of the table', async () => {
    replies['POST '] = [200, {}];
    expect(await link().commit({ requirements: [{ id: BIG }], updates: [] })).toEqual({
      kind: 'done',
    });
    expect(asked.at(-1)?.body).toBe(
      `{"identifier":{"namespace":["air","eu"],"name":"flüge"},"requirements":[{"id":${BIG}}],"updates":[]}`,
    );
  });

  it.each([
    [409, 'conflict'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'unknown'],
    [429, 'unknown'],
    [0, 'unknown'],
  ])('that answers %i to a commit leaves it %s', async (status, kind) => {
    replies['POST '] = [status, { error: { message: 'no', type: 'T', code: status } }];
    expect(await link().commit({})).toMatchObject({ kind });
  });

  it.each([
    [400, 'SINK_REJECTED'],
    [403, 'SINK_AUTH_FAILED'],
    [404, 'SINK_REJECTED'],
    [307, 'SINK_REJECTED'],
  ])('that answers %i to a commit has refused it for good: %s', async (status, code) => {
    const error = { message: 'because', type: 'SomeException', code: status };
    replies['POST '] = [status, { error }, { location: 'http://127.0.0.2/' }];
    await expect(link().commit({})).rejects.toMatchObject({
      code,
      message: `the catalog does not commit to table air.eu.flüge, status ${status}: SomeException: because`,
    });
  });

  it.each([
    [401, 'SINK_AUTH_FAILED'],
    [404, 'SINK_REJECTED'],
    [429, 'SINK_THROTTLED'],
    [503, 'SINK_THROTTLED'],
    [500, 'SINK_UNREACHABLE'],
    [0, 'SINK_UNREACHABLE'],
    [302, 'SINK_REJECTED'],
  ])('that answers %i to a look is %s', async (status, code) => {
    replies['GET '] = [status, '<html>', { location: 'http://127.0.0.2/' }];
    await expect(link().load({ snapshots: 'refs' })).rejects.toMatchObject({ code });
  });

  it.each(['{}', '<html>', `{"metadata":${METADATA.replace('"u"', '""')}}`])(
    'that shows no table, but %s, is refused',
    async (body) => {
      replies['GET '] = [200, body];
      await expect(link().load({ snapshots: 'refs' })).rejects.toMatchObject({
        code: 'SINK_REJECTED',
        message: expect.stringContaining('as the Iceberg REST protocol says'),
      });
    },
  );

  it('is asked again where its tables are, when it could not say', async () => {
    replies['GET /iceberg/v1/config'] = [500, {}];
    const own = link();
    await expect(own.load({ snapshots: 'refs' })).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
    });
    replies['GET /iceberg/v1/config'] = [200, {}];
    expect(await own.load({ snapshots: 'refs' })).toMatchObject({ 'table-uuid': 'u' });
  });

  it('that is not allowed is sent nothing', async () => {
    const own = link({ hosts: ['*.internal'] });
    await expect(own.load({ snapshots: 'refs' })).rejects.toMatchObject({
      code: 'SINK_REJECTED',
      message: expect.stringContaining('is not on the list of allowed destinations'),
    });
    expect(asked).toEqual([]);
  });
});

describe('who asks', () => {
  it('is nobody by default', async () => {
    await link().load({ snapshots: 'refs' });
    expect(asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it('is told to be refused, where it is, so that a new token is looked for', async () => {
    refusals = 0;
    replies['GET '] = [401, {}];
    const own = link({ auth: { mechanism: 'bearer', secretArn } });
    await expect(own.load({ snapshots: 'refs' })).rejects.toMatchObject({
      code: 'SINK_AUTH_FAILED',
    });
    expect(refusals).toBe(1);
  });

  it('is said by a token of a secret', async () => {
    await link({ auth: { mechanism: 'bearer', secretArn } }).load({ snapshots: 'refs' });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token of AbCdEf',
      'Bearer token of AbCdEf',
    ]);
  });

  it.each(['glue', 's3tables'] as const)(
    'is said by a signature for %s, of each body',
    async (service) => {
      replies['POST '] = [200, {}];
      const own = link({ auth: { mechanism: 'aws-sigv4', region: 'eu-north-1', service } });
      await own.load({ snapshots: 'refs' });
      await own.commit({ updates: [] });
      for (const { headers } of asked) {
        expect(headers.authorization).toMatch(
          new RegExp(
            `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/eu-north-1/${service}/aws4_request, `,
          ),
        );
        expect(headers.authorization).toContain(
          'host;x-amz-content-sha256;x-amz-date;x-amz-security-token',
        );
      }
      const hashes = asked.map(({ headers }) => headers['x-amz-content-sha256']);
      expect(new Set(hashes).size).toBe(2);
    },
  );
});
