import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { acknowledgePattern } from './acknowledge.ts';
import { keyThrough } from './encryption.ts';

/** The tag that opens a secret to an installation: whoever may tag a secret decides. */
const SECRET_TAG = 'routine-load';

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

/** Adds reading secrets under the prefix and with the tag, and their keys by way of Secrets Manager only. */
export function grantSecrets(policy: ManagedPolicy, { prefix, keys = [] }: SecretAccess): void {
  const stack = Stack.of(policy);
  const secrets = stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${prefix}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  policy.addStatements(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secrets],
      conditions: { StringEquals: { [`secretsmanager:ResourceTag/${SECRET_TAG}`]: 'allowed' } },
    }),
  );
  acknowledgePattern(policy, {
    resource: secrets,
    reason: 'names of secrets end in six random characters, and each must carry the tag besides',
  });
  for (const key of keys) {
    policy.addStatements(keyThrough('secretsmanager', key, ['Decrypt']));
  }
}
