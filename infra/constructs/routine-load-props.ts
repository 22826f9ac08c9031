import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IAccessPoint } from 'aws-cdk-lib/aws-efs';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { AlarmsOptions } from './alarms.ts';
import type { ApiOptions } from './api.ts';
import type { BucketDestination } from './destinations.ts';
import type { IcebergCatalogs } from './iceberg-catalogs.ts';
import type { MskCluster } from './kafka-access.ts';
import type { EndpointsProps, PrefixLists } from './network.ts';
import type { SchemaRegistries } from './schema-registries.ts';
import type { SecretAccess } from './secret-access.ts';

/** What an installation needs and may be told. */
export interface RoutineLoadProps {
  /** Where scheduler and loaders run. It needs no way to the internet. */
  readonly vpc: IVpc;
  /** @default the private subnets, or the isolated ones where there are no others */
  readonly vpcSubnets?: SubnetSelection | undefined;
  /** The cluster that jobs load from. `allowCluster` adds more. */
  readonly cluster: MskCluster;
  /**
   * Hosts that jobs may name as brokers and that brokers may advertise: names, or `*.example.com`.
   *
   * @default those of Amazon MSK in this region
   */
  readonly allowedBrokers?: readonly string[] | undefined;
  /**
   * Hosts that jobs may name as frontends of Doris or StarRocks, or as catalogs of Iceberg tables; those of
   * `icebergCatalogs` are among them. Also needed: a way there, by `connections.allowTo`.
   *
   * @default none
   */
  readonly allowedDestinations?: readonly string[] | undefined;
  /**
   * Tasks that may be live at once, over all jobs. Taken out of the account's concurrency for good: an account
   * has 1000 at first, and new accounts less.
   *
   * @default 100
   */
  readonly capacity?: number | undefined;
  /** Buckets that jobs may load into. @default none */
  readonly buckets?: readonly BucketDestination[] | undefined;
  /** Where the Iceberg tables are that jobs may load into. @default none */
  readonly icebergCatalogs?: IcebergCatalogs | undefined;
  /** A file system that jobs with file destinations load into. @default none */
  readonly accessPoint?: IAccessPoint | undefined;
  /** Where jobs may get schemas. @default none */
  readonly schemaRegistries?: SchemaRegistries | undefined;
  /** Logins that jobs may name. @default none */
  readonly secrets?: SecretAccess | undefined;
  /** @default IAM */
  readonly api?: ApiOptions | undefined;
  /** Ways out of the VPC that are to be made. @default those of {@link EndpointsProps} */
  readonly endpoints?: EndpointsProps | undefined;
  /** @default none: HTTPS is open to all addresses, and where it leads is up to the subnets' routes */
  readonly prefixLists?: PrefixLists | undefined;
  /** @default those of {@link AlarmsOptions} */
  readonly alarms?: AlarmsOptions | undefined;
  /** Where history entries go as events. @default the account's default bus */
  readonly eventBus?: IEventBus | undefined;
  /** Metrics of each job by its name, at some 2 dollars per job and month. @default false */
  readonly metricsPerJob?: boolean | undefined;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays | undefined;
  /** @default Architecture.ARM_64, a fifth cheaper */
  readonly architecture?: Architecture | undefined;
  /** Of tables and key. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy | undefined;
}
