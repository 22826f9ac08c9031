import * as z from 'zod';

/**
 * What `cdk.json` says of an installation in a VPC and beside a cluster that exist already, under the context
 * key `installation`. Everything is given and nothing is looked up, so that a synthesis needs no account.
 */
/** Ids of EC2 have 8 digits, or 17 since 2016. */
const ec2Id = (kind: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`),
      `must be an id like ${kind}-0123abcd`,
    );

const keyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/\S+$/,
    'must be the ARN of a key, not of an alias',
  );

const installationContext = z.strictObject({
  vpcId: ec2Id('vpc'),
  vpcCidr: z.string().optional(),
  availabilityZones: z.array(z.string()).min(1),
  /** One private subnet in each zone, in the same order, with the route table of each. */
  subnetIds: z.array(ec2Id('subnet')).min(1),
  routeTableIds: z.array(ec2Id('rtb')).min(1),
  clusterArn: z.string().regex(/^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/\S+$/),
  clusterSecurityGroupIds: z.array(ec2Id('sg')).min(1),
  clusterPorts: z.array(z.int().min(1).max(65_535)).optional(),
  topics: z.array(z.string()).optional(),
  /** By their names; with its key, where a bucket is encrypted with one of yours. */
  buckets: z
    .array(z.union([z.string(), z.strictObject({ name: z.string(), keyArn: keyArn.optional() })]))
    .optional(),
  icebergCatalogs: z
    .strictObject({
      glueDatabases: z.array(z.string()).min(1).optional(),
      tableBuckets: z.array(z.string()).min(1).optional(),
    })
    .optional(),
  secretsPrefix: z.string().optional(),
  /** Keys of yours that the secrets are encrypted with; Amazon MSK wants that of SCRAM logins. */
  secretsKeyArns: z.array(keyArn).optional(),
  capacity: z.int().min(1).max(10_000).optional(),
  /** Hosts that jobs may name as brokers and that brokers may advertise, in place of those of Amazon MSK in the region. */
  allowedBrokers: z.array(z.string()).min(1).optional(),
  allowedDestinations: z.array(z.string()).optional(),
  schemaRegistries: z
    .strictObject({ hosts: z.array(z.string()).min(1).optional(), glue: z.boolean().optional() })
    .optional(),
  /** The gateway endpoints that the VPC has already are not made again. */
  endpoints: z
    .strictObject({
      dynamodb: z.boolean().optional(),
      s3: z.boolean().optional(),
      msk: z.boolean().optional(),
      secretsManager: z.boolean().optional(),
      glue: z.boolean().optional(),
      s3tables: z.boolean().optional(),
    })
    .optional(),
  prefixLists: z.strictObject({ dynamodb: ec2Id('pl'), s3: ec2Id('pl') }).optional(),
});

/** An installation as the context describes it. */
export type InstallationContext = z.infer<typeof installationContext>;

/** Reads the context's value. @throws {Error} that names every fault */
export function readInstallationContext(value: unknown): InstallationContext {
  const parsed = installationContext.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `  installation.${path.join('.')}: ${message}`,
  );
  throw new Error(`faulty context in cdk.json:\n${faults.join('\n')}`);
}
