import * as z from 'zod';

/**
 * What `cdk.json` says of an installation in a VPC and beside a cluster that exist already, under the context
 * key `installation`. Everything is given and nothing is looked up, so that a synthesis needs no account.
 */
const installationContext = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]+$/, 'must be a vpc-id'),
  vpcCidr: z.string().optional(),
  availabilityZones: z.array(z.string()).min(1),
  /** One private subnet in each zone, in the same order, with the route table of each. */
  subnetIds: z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(1),
  routeTableIds: z.array(z.string().regex(/^rtb-[0-9a-f]+$/)).min(1),
  clusterArn: z.string().regex(/^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/\S+$/),
  clusterSecurityGroupIds: z.array(z.string().regex(/^sg-[0-9a-f]+$/)).min(1),
  clusterPorts: z.array(z.int().min(1).max(65_535)).optional(),
  topics: z.array(z.string()).optional(),
  buckets: z.array(z.string()).optional(),
  secretsPrefix: z.string().optional(),
  capacity: z.int().min(1).max(10_000).optional(),
  allowedDestinations: z.array(z.string()).optional(),
  /** The gateway endpoints that the VPC has already are not made again. */
  endpoints: z
    .strictObject({
      dynamodb: z.boolean().optional(),
      s3: z.boolean().optional(),
      msk: z.boolean().optional(),
      secretsManager: z.boolean().optional(),
    })
    .optional(),
  prefixLists: z.strictObject({ dynamodb: z.string(), s3: z.string() }).optional(),
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
