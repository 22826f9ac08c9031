import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The tag that opens a secret to an installation: whoever may tag a secret decides. */
export const SECRET_TAG = 'routine-load';

/** Which secrets jobs may name. */
export interface SecretAccess {
  /**
   * What their names begin with. They must also carry the tag `routine-load` = `allowed`.
   * Amazon MSK wants names of SCRAM logins to begin with `AmazonMSK_`.
   */
  readonly prefix: string;
  /** The keys that they are encrypted with; MSK wants a customer's own. @default none but AWS' */
  readonly keys?: readonly IKey[] | undefined;
}

/** Reading secrets under the prefix and with the tag, and their keys by way of Secrets Manager only. */
export function secretStatements(
  scope: Construct,
  access: SecretAccess | undefined,
): PolicyStatement[] {
  if (access === undefined) return [];
  const stack = Stack.of(scope);
  const { prefix, keys = [] } = access;
  const read = new PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'],
    resources: [
      stack.formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: `${prefix}*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
    conditions: { StringEquals: { [`secretsmanager:ResourceTag/${SECRET_TAG}`]: 'allowed' } },
  });
  if (keys.length === 0) return [read];
  const decrypt = new PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: keys.map((key) => key.keyArn),
    conditions: {
      StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` },
    },
  });
  return [read, decrypt];
}
