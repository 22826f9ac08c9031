/**
 * The construct, for stacks of your own:
 *
 *     new RoutineLoad(this, 'RoutineLoad', { vpc, cluster: { clusterArn, securityGroups } });
 *
 * infra/stacks has two that use it.
 */
export type { AlarmsOptions } from './constructs/alarms.ts';
export type { ApiOptions, JwtProps } from './constructs/api.ts';
export type { BucketDestination } from './constructs/destinations.ts';
export { EVENT_SOURCE, EVENT_TYPE } from './constructs/history-events.ts';
export type { IcebergCatalogs } from './constructs/iceberg-catalogs.ts';
export type { MskCluster } from './constructs/kafka-access.ts';
export type { EndpointsProps, PrefixLists } from './constructs/network.ts';
export { RoutineLoad } from './constructs/routine-load.ts';
export type { RoutineLoadProps } from './constructs/routine-load-props.ts';
export type { SchemaRegistries } from './constructs/schema-registries.ts';
export type { SecretAccess } from './constructs/secret-access.ts';
