import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { TableName } from '#shared/store/tables.ts';
import {
  type KeyAttribute,
  STREAM_VIEW,
  TTL_ATTRIBUTE,
  tableShape,
} from '../settings/table-shapes.ts';
import { keyThrough } from './encryption.ts';

/** How the tables are kept. */
export interface TablesProps {
  readonly key: IKey;
  /** @default RemovalPolicy.RETAIN, with deletion protection: they hold the only record of what was loaded */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

/** What the three functions do with items; `dynamodb:Scan` and all that changes tables are not among it. */
const ITEM_ACTIONS = [
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
];

/** The Jobs and the Tasks table. Both have a stream: tasks start loaders, jobs' histories become events. */
export class Tables extends Construct {
  readonly jobs: TableV2;
  readonly tasks: TableV2;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    this.#key = props.key;
    this.jobs = this.#table('Jobs', 'jobs', props);
    this.tasks = this.#table('Tasks', 'tasks', props);
  }

  /** The names as the functions read them. */
  get environment(): Record<string, string> {
    return { JOBS_TABLE: this.jobs.tableName, TASKS_TABLE: this.tasks.tableName };
  }

  /** What a function needs to read and write both tables: items and indexes by name, and nothing else. */
  accessStatements(): PolicyStatement[] {
    const indexesOf = (table: TableV2, name: TableName) =>
      tableShape(name).indexes.map((index) => `${table.tableArn}/index/${index.name}`);
    return [
      new PolicyStatement({
        sid: 'Items',
        actions: ITEM_ACTIONS,
        resources: [this.jobs.tableArn, this.tasks.tableArn],
      }),
      new PolicyStatement({
        sid: 'Indexes',
        actions: ['dynamodb:Query'],
        resources: [...indexesOf(this.jobs, 'jobs'), ...indexesOf(this.tasks, 'tasks')],
      }),
      keyThrough('dynamodb', this.#key, ['Decrypt', 'Encrypt', 'GenerateDataKey', 'DescribeKey']),
    ];
  }

  #table(id: string, name: TableName, { key, removalPolicy }: TablesProps): TableV2 {
    const { hash, range, indexes } = tableShape(name);
    const kept = removalPolicy ?? RemovalPolicy.RETAIN;
    return new TableV2(this, id, {
      partitionKey: attribute(hash),
      sortKey: attribute(range),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: kept !== RemovalPolicy.DESTROY,
      removalPolicy: kept,
      dynamoStream: StreamViewType[STREAM_VIEW],
      ...(name === 'tasks' && { timeToLiveAttribute: TTL_ATTRIBUTE }),
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index.name,
        partitionKey: attribute(index.hash),
        sortKey: attribute(index.range),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
    });
  }
}

function attribute({ name, type }: KeyAttribute): Attribute {
  return { name, type: type === 'N' ? AttributeType.NUMBER : AttributeType.STRING };
}
