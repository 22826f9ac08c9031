import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledgePattern } from './acknowledge.ts';

/**
 * Catalogs of AWS whose Iceberg tables jobs may load into. Of tables in buckets of your own, the buckets must be
 * among the installation's, too.
 */
export interface IcebergCatalogs {
  /** Databases of AWS Glue in this account and region. @default none */
  readonly glueDatabases?: readonly string[] | undefined;
  /** Table buckets of S3 Tables, by their ARNs. @default none */
  readonly tableBuckets?: readonly string[] | undefined;
}

/** The hosts that speak for these catalogs. */
export function catalogHosts(catalogs: IcebergCatalogs | undefined, region: string): string[] {
  const { glueDatabases = [], tableBuckets = [] } = catalogs ?? {};
  return [
    ...(glueDatabases.length > 0 ? [`glue.${region}.amazonaws.com`] : []),
    ...(tableBuckets.length > 0 ? [`s3tables.${region}.amazonaws.com`] : []),
  ];
}

/** Adds looking at tables and committing to them; none is made, and none removed. */
export function grantCatalogs(
  policy: ManagedPolicy,
  { glueDatabases = [], tableBuckets = [] }: IcebergCatalogs,
): void {
  if (glueDatabases.length > 0) grantGlue(policy, glueDatabases);
  if (tableBuckets.length > 0) grantTableBuckets(policy, tableBuckets);
}

/** AWS Glue asks for rights on a table, on its database and on the catalog at once. */
function grantGlue(policy: ManagedPolicy, databases: readonly string[]): void {
  const arn = (resource: string, resourceName?: string) =>
    Stack.of(policy).formatArn({
      service: 'glue',
      resource,
      ...(resourceName === undefined
        ? { arnFormat: ArnFormat.NO_RESOURCE_NAME }
        : { resourceName }),
    });
  const tables = databases.map((database) => arn('table', `${database}/*`));
  policy.addStatements(
    new PolicyStatement({
      actions: ['glue:GetCatalog', 'glue:GetDatabase', 'glue:GetTable', 'glue:UpdateTable'],
      resources: [arn('catalog'), ...databases.map((name) => arn('database', name)), ...tables],
    }),
  );
  for (const resource of tables) acknowledgePattern(policy, { resource, reason: ANY_TABLE });
}

/** What their files need is said by rights of S3 Tables, not of S3. */
function grantTableBuckets(policy: ManagedPolicy, buckets: readonly string[]): void {
  const tables = buckets.map((bucket) => `${bucket}/table/*`);
  policy.addStatements(
    new PolicyStatement({ actions: ['s3tables:GetTableBucket'], resources: [...buckets] }),
    new PolicyStatement({
      actions: [
        's3tables:GetTable',
        's3tables:GetTableMetadataLocation',
        's3tables:UpdateTableMetadataLocation',
        's3tables:GetTableData',
        's3tables:PutTableData',
      ],
      resources: tables,
    }),
  );
  for (const resource of tables) acknowledgePattern(policy, { resource, reason: ANY_TABLE });
}

const ANY_TABLE = 'jobs name the table that they load into, within what the installation names';
