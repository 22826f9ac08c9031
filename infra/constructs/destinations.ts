import type { IAccessPoint } from 'aws-cdk-lib/aws-efs';
import { type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

import { acknowledgePattern } from './acknowledge.ts';
import { keyThrough } from './encryption.ts';

/** A bucket that jobs may load into. */
export interface BucketDestination {
  readonly bucket: IBucket;
  /** Without slashes at its ends. @default the whole bucket */
  readonly prefix?: string | undefined;
}

/**
 * Adds what a loader does in a bucket: upload in parts, look at what is there, give up uploads. It deletes
 * nothing.
 */
export function grantBucket(policy: ManagedPolicy, { bucket, prefix }: BucketDestination): void {
  const objects = bucket.arnForObjects(prefix === undefined ? '*' : `${prefix}/*`);
  policy.addStatements(
    new PolicyStatement({
      actions: [
        's3:PutObject',
        's3:GetObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      resources: [objects],
    }),
    new PolicyStatement({
      actions: ['s3:ListBucketMultipartUploads', 's3:ListBucket'],
      resources: [bucket.bucketArn],
    }),
  );
  acknowledgePattern(policy, {
    resource: objects,
    reason:
      'a loader writes new objects, whose keys nobody knows, under the prefix that is its own',
  });
  const { encryptionKey: key } = bucket;
  if (key) policy.addStatements(keyThrough('s3', key, ['Decrypt', 'GenerateDataKey']));
}

/** What writing through an access point takes, and through no other way into its file system. */
export function fileSystemStatements(accessPoint: IAccessPoint | undefined): PolicyStatement[] {
  if (accessPoint === undefined) return [];
  return [
    new PolicyStatement({
      actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
      resources: [accessPoint.fileSystem.fileSystemArn],
      conditions: {
        StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint.accessPointArn },
      },
    }),
  ];
}
