import { getMetadata } from '@aws-lambda-powertools/commons/utils/metadata';

/**
 * The availability zone id that this loader runs in, as brokers of Amazon MSK call their racks (`use1-az1`),
 * or nothing where nobody tells. Lambda chooses the zone anew for every sandbox, so it cannot be deployed.
 *
 * A loader that does not know its zone reads from leaders, a third of them near: dearer, and as correct.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html
 */
export async function ownZone(
  configured: string | undefined,
  ask: typeof getMetadata = getMetadata,
): Promise<string> {
  if (configured !== undefined) return configured;
  const metadata = await ask({ timeout: 500 }).catch(() => undefined);
  const zone: unknown = metadata?.AvailabilityZoneID;
  return typeof zone === 'string' ? zone : '';
}
