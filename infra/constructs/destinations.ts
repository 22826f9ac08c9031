import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** A bucket that jobs may load into. */
export interface BucketDestination {
  readonly bucket: IBucket;
  /** Without slashes at its ends. @default the whole bucket */
  readonly prefix?: string | undefined;
}

/**
 * What a loader does in buckets: upload in parts, look at what is there, give up uploads. It deletes nothing.
 */
export function bucketStatements(
  destinations: readonly BucketDestination[] = [],
): PolicyStatement[] {
  return destinations.flatMap(({ bucket, prefix }) => {
    const objects = bucket.arnForObjects(prefix === undefined ? '*' : `${prefix}/*`);
    const { encryptionKey: key } = bucket;
    return [
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
      ...(key
        ? [
            new PolicyStatement({
              actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
              resources: [key.keyArn],
            }),
          ]
        : []),
    ];
  });
}
