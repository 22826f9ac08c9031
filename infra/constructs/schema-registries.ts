import { type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledgePattern } from './acknowledge.ts';

/** Where jobs may get schemas for Avro, Protobuf and JSON Schema. */
export interface SchemaRegistries {
  /**
   * Hosts of registries with Confluent's API: names, or `*.example.com`. Also needed: a way there, by
   * `connections.allowTo`. @default none
   */
  readonly hosts?: readonly string[] | undefined;
  /** The registries of AWS Glue in this account. @default false */
  readonly glue?: boolean | undefined;
}

/** Adds reading schemas of AWS Glue by their versions' ids, which is all that records name. */
export function grantGlueSchemas(policy: ManagedPolicy): void {
  policy.addStatements(
    new PolicyStatement({ actions: ['glue:GetSchemaVersion'], resources: ['*'] }),
  );
  acknowledgePattern(policy, {
    resource: '*',
    reason:
      'a version is read by its id alone, which belongs to no ARN (AWS Glue, IAM examples for deserializers); a job names its registry, and schemas of others are refused',
  });
}
