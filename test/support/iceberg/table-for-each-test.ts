import { afterAll, beforeEach } from 'vitest';
import { bucketForEachTest, type TestBucket } from '../s3/bucket-for-each-test.ts';
import { startIcebergCatalog } from './iceberg-catalog.ts';

/** A column as the REST protocol writes it. */
export interface TestColumn {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly required?: boolean;
}

/** What the protocol shows of a table, as far as tests look. */
export interface ShownTable {
  readonly metadata: {
    readonly 'table-uuid': string;
    readonly location: string;
    readonly properties: Record<string, string>;
    readonly snapshots?: readonly {
      readonly 'sequence-number': number;
      readonly summary: Record<string, string>;
    }[];
  };
}

/** A catalog for the tests of a file, and the namespace that the running test has to itself. */
export interface TestTables {
  readonly uri: string;
  readonly s3: TestBucket;
  readonly namespace: string;
  /** Makes a table, partitioned by the transform of one column or not at all. */
  create(
    table: string,
    columns: readonly TestColumn[],
    by?: { readonly sourceId: number; readonly transform: string },
  ): Promise<void>;
  drop(table: string): Promise<void>;
  show(table: string): Promise<ShownTable['metadata']>;
  /** Changes a table as others do: updates of the REST protocol. */
  change(table: string, ...updates: readonly object[]): Promise<void>;
  /**
   * The rows as Iceberg's own reader sees them, values as texts, in no order.
   *
   * @param where an expression of Iceberg's in JSON
   */
  rows(table: string, where?: object): Promise<Record<string, string | null>[]>;
  /** A row of Iceberg's own writer, in a snapshot of its own. */
  append(table: string, id: number): Promise<void>;
  /** Removes all snapshots but the newest. */
  expire(table: string): Promise<void>;
}

/** Starts a catalog and S3Mock for the file that calls this, and makes a bucket and a namespace for each test. */
export async function tableForEachTest(): Promise<TestTables> {
  const s3 = await bucketForEachTest();
  const { uri, stop } = await startIcebergCatalog(s3.server.endpoint, 's3://bucket-1/warehouse');
  afterAll(stop);
  let made = 0;
  const here = () => `air${made}`;
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${uri}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text;
  };
  const tables = () => `/v1/namespaces/${here()}/tables`;
  const beside = (what: string, table: string, more = '') =>
    `/tests/${what}?namespace=${here()}&table=${table}${more}`;
  beforeEach(async () => {
    made += 1;
    await ask('POST', '/v1/namespaces', { namespace: [here()] });
  });
  return {
    uri,
    s3,
    get namespace() {
      return here();
    },
    async create(name, columns, by) {
      const fields = columns.map((column) => ({ required: false, ...column }));
      const part = by && {
        'source-id': by.sourceId,
        'field-id': 1000,
        name: 'part',
        transform: by.transform,
      };
      await ask('POST', tables(), {
        name,
        location: `s3://${s3.name}/${name}`,
        schema: { type: 'struct', 'schema-id': 0, fields },
        ...(part && { 'partition-spec': { 'spec-id': 0, fields: [part] } }),
        properties: { 'format-version': '2' },
      });
    },
    drop: async (table) => void (await ask('DELETE', `${tables()}/${table}`)),
    async show(table) {
      const { metadata } = JSON.parse(await ask('GET', `${tables()}/${table}`)) as ShownTable;
      return metadata;
    },
    change: async (table, ...updates) =>
      void (await ask('POST', `${tables()}/${table}`, { requirements: [], updates })),
    async rows(table, where) {
      const filter = where ? `&where=${encodeURIComponent(JSON.stringify(where))}` : '';
      const text = await ask('GET', beside('rows', table, filter));
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, string | null>);
    },
    append: async (table, id) => void (await ask('POST', beside('append', table, `&id=${id}`))),
    expire: async (table) => void (await ask('POST', beside('expire', table))),
  };
}
