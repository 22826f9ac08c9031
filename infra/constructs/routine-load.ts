import { Stack } from 'aws-cdk-lib';
import type { Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IConnectable } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import type { MetricName } from '#shared/observe/metric-names.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import type { FunctionSurroundings } from './bundled-function.ts';
import { fileSystemStatements, grantBucket } from './destinations.ts';
import { Dispatch } from './dispatch.ts';
import { installationKey } from './encryption.ts';
import { HistoryEvents } from './history-events.ts';
import { catalogHosts, grantCatalogs } from './iceberg-catalogs.ts';
import { grantKafka, type MskCluster } from './kafka-access.ts';
import { FILE_DIRECTORY, Loader } from './loader.ts';
import { Measured } from './measured.ts';
import { Network } from './network.ts';
import { overviewDashboard } from './overview.ts';
import { tracing } from './platform-access.ts';
import type { RoutineLoadProps } from './routine-load-props.ts';
import { Scheduler } from './scheduler.ts';
import { grantGlueSchemas } from './schema-registries.ts';
import { grantSecrets } from './secret-access.ts';
import { Tables } from './tables.ts';

const DEFAULT_CAPACITY = 100;

/** Allows no host: the name is reserved by RFC 2606. */
const NOWHERE = 'none.invalid';

/**
 * Routine Load: Kafka topics into analytical tables, continuously and exactly once.
 *
 *     schedule -> scheduler -> tables -> pipe -> loader -> destination
 *                      api  -> tables -> pipe -> events
 *
 * Its stack must name a region, which the tables' encryption wants to know; the account may stay open.
 */
export class RoutineLoad extends Construct implements IConnectable {
  readonly key: IKey;
  readonly tables: Tables;
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly dispatch: Dispatch;
  readonly loader: Loader;
  readonly api: Api;
  readonly historyEvents: HistoryEvents;
  readonly alarms: Alarms;
  readonly dashboard: Dashboard;
  /** Of scheduler and loaders: `connections.allowTo(doris, Port.tcp(8030))` opens the way to a destination. */
  readonly connections: Connections;
  readonly #measured: Measured;

  constructor(scope: Construct, id: string, props: RoutineLoadProps) {
    super(scope, id);
    const { removalPolicy } = props;
    const key = installationKey(this, 'Key', removalPolicy);
    const tables = new Tables(this, 'Tables', { key, removalPolicy });
    const measured = new Measured(this);
    const network = new Network(this, 'Network', {
      ...props,
      hasSecrets: !!props.secrets,
      hasGlue: !!props.schemaRegistries?.glue || !!props.icebergCatalogs?.glueDatabases?.length,
      hasTableBuckets: !!props.icebergCatalogs?.tableBuckets?.length,
    });
    this.key = key;
    this.tables = tables;
    this.network = network;
    this.connections = network.functions.connections;
    this.#measured = measured;

    const parts = this.#functions(props);
    this.scheduler = parts.scheduler;
    this.loader = parts.loader;
    this.api = parts.api;
    this.allowCluster(props.cluster);
    this.#allowDestinations(props);
    this.dispatch = new Dispatch(this, 'Dispatch', {
      tasks: tables.tasks,
      loader: this.loader.function.lambda,
      key,
    });
    this.historyEvents = new HistoryEvents(this, 'HistoryEvents', {
      jobs: tables.jobs,
      key,
      bus: props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default'),
    });
    const { dispatch, historyEvents } = this;
    this.alarms = new Alarms(this, 'Alarms', {
      ...props.alarms,
      ...parts,
      measured,
      key,
      tables,
      dispatch,
      historyEvents,
    });
    const { loader, alarms } = this;
    this.dashboard = overviewDashboard(this, 'Dashboard', { measured, tables, loader, alarms });
  }

  /** Lets jobs load from a cluster: the rights on its topics, and the way to its brokers. */
  allowCluster(cluster: MskCluster): void {
    grantKafka(this.scheduler.function.permissions, cluster, 'look');
    grantKafka(this.loader.function.permissions, cluster, 'read');
    this.network.allowCluster(cluster);
  }

  /** Lets `grantee` see jobs, by requests that it signs. */
  grantRead(grantee: IGrantable): Grant {
    return this.api.grant(grantee, 'read');
  }

  /** Lets `grantee` see, make, alter and stop jobs, by requests that it signs. */
  grantManage(grantee: IGrantable): Grant {
    return this.api.grant(grantee, 'admin');
  }

  /** What the installation measures about itself. */
  metric(name: MetricName, options?: MetricOptions): Metric {
    return this.#measured.metric(name, options);
  }

  /** What jobs may write to, and the logins that they may name. */
  #allowDestinations(props: RoutineLoadProps): void {
    const { buckets = [], secrets, schemaRegistries, icebergCatalogs } = props;
    const { scheduler, loader } = this;
    if (icebergCatalogs) grantCatalogs(loader.function.permissions, icebergCatalogs);
    for (const bucket of buckets) grantBucket(loader.function.permissions, bucket);
    if (schemaRegistries?.glue) grantGlueSchemas(loader.function.permissions);
    if (secrets === undefined) return;
    grantSecrets(scheduler.function.permissions, secrets);
    grantSecrets(loader.function.permissions, secrets);
  }

  #functions(props: RoutineLoadProps): { scheduler: Scheduler; loader: Loader; api: Api } {
    const { capacity = DEFAULT_CAPACITY, accessPoint, logRetention, architecture } = props;
    const { placement } = this.network;
    const environment = this.#environment(props);
    const access = this.tables.accessStatements();
    const surroundings: FunctionSurroundings = {
      key: this.key,
      tracing: tracing(this, 'Tracing'),
      logRetention,
      architecture,
    };
    return {
      scheduler: new Scheduler(this, 'Scheduler', {
        surroundings,
        placement,
        environment: { ...environment, CAPACITY: String(capacity) },
        statements: access,
      }),
      loader: new Loader(this, 'Loader', {
        surroundings,
        placement,
        environment,
        statements: [...access, ...fileSystemStatements(accessPoint)],
        capacity,
        accessPoint,
      }),
      api: new Api(this, 'Api', { ...props.api, surroundings, environment, statements: access }),
    };
  }

  #destinations({ allowedDestinations = [], icebergCatalogs }: RoutineLoadProps): string[] {
    const hosts = [...allowedDestinations, ...catalogHosts(icebergCatalogs, Stack.of(this).region)];
    return hosts.length > 0 ? hosts : [NOWHERE];
  }

  #environment(props: RoutineLoadProps): Record<string, string> {
    return {
      ...this.tables.environment,
      ...this.#measured.environment,
      ALLOWED_BROKERS: (props.allowedBrokers ?? mskHosts(Stack.of(this))).join(','),
      ALLOWED_DESTINATIONS: this.#destinations(props).join(','),
      ALLOWED_REGISTRIES: (props.schemaRegistries?.hosts ?? [NOWHERE]).join(','),
      ...(props.accessPoint && { FILE_DIRECTORIES: FILE_DIRECTORY }),
      ...(props.metricsPerJob && { METRICS_PER_JOB: 'true' }),
    };
  }
}

/** How brokers of provisioned and serverless clusters are called. */
function mskHosts({ region, urlSuffix }: Stack): string[] {
  // China has a domain of its own. Where the region is known, so is it; else only the deployment tells.
  const domain = `${region}.${RegionInfo.get(region).domainSuffix ?? urlSuffix}`;
  return [`*.kafka.${domain}`, `*.kafka-serverless.${domain}`];
}
