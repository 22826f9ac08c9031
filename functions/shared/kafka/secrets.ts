import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { awsTimeLimits } from '../aws-time-limits.ts';
import type { Clock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import { type Authorities, authorityFaults } from './authorities.ts';
import { type Remembered, remembered } from './remembered.ts';
import { KEEP_SECRET_MS, type Secrets, secretValue } from './secret-text.ts';

/** What a secret for a login by name holds: the JSON that Amazon MSK itself demands of secrets for SCRAM, and perhaps more. */
export interface Login extends Partial<Authorities> {
  readonly username: string;
  readonly password: string;
}

const login = z.object({
  username: z.string().min(1),
  password: z.string().min(1),
  ca: z.string().optional(),
});

/**
 * Refusals of GetSecretValue that asking again does not change, by their names in its API reference. All others may
 * pass: throttling, trouble inside of the service, credentials that have just expired, the network.
 */
const LASTING: ReadonlyMap<string, string> = new Map([
  ['ResourceNotFoundException', 'there is no such secret'],
  ['AccessDeniedException', 'the function must be allowed to read it and to use its key'],
  ['DecryptionFailure', 'it cannot be decrypted with its key'],
  ['InvalidRequestException', 'it must not be marked for deletion'],
  ['InvalidParameterException', 'its ARN is not accepted'],
  ['ValidationException', 'its ARN is not accepted'],
]);

/** Secrets of AWS Secrets Manager, each from the region in its ARN. */
export function secretsManager(): Secrets {
  const clients = new Map<string, SecretsManagerClient>();
  return {
    async read(arn) {
      const region = arn.split(':')[3] ?? '';
      let client = clients.get(region);
      if (!client) {
        client = new SecretsManagerClient({
          region,
          maxAttempts: 3,
          requestHandler: awsTimeLimits({ connectMs: 2_000, requestMs: 5_000 }),
        });
        clients.set(region, client);
      }
      const answer = await client
        .send(new GetSecretValueCommand({ SecretId: arn }))
        .catch((cause: unknown) => {
          throw unread(arn, cause);
        });
      if (answer.SecretString === undefined) {
        throw new LoadFailure('SECRET_UNUSABLE', `secret ${arn} must hold text, it has none`, {
          facts: { secret: arn },
        });
      }
      return answer.SecretString;
    },
  };
}

function unread(arn: string, cause: unknown): LoadFailure {
  const name = cause instanceof Error ? cause.name : 'unknown error';
  const lasting = LASTING.get(name);
  const why = lasting === undefined ? name : `${lasting} (${name})`;
  return new LoadFailure(
    lasting === undefined ? 'SECRET_UNAVAILABLE' : 'SECRET_UNUSABLE',
    `secret ${arn} cannot be read: ${why}`,
    { cause, facts: { secret: arn } },
  );
}

/** Logins read from `secrets`, each at most every five minutes. */
export function rememberedLogins(secrets: Secrets, clock: Clock): Remembered<Login> {
  return remembered(async (arn) => parseLogin(arn, await secrets.read(arn), { now: clock.now() }), {
    keepMs: KEEP_SECRET_MS,
    clock,
  });
}

const bearer = z.object({ token: z.string().min(1) });

/** Bearer tokens read from `secrets`, each at most every five minutes. */
export function rememberedTokens(secrets: Secrets, clock: Clock): Remembered<string> {
  const read = async (arn: string) => {
    const parsed = bearer.safeParse(secretValue(await secrets.read(arn)));
    if (parsed.success) return parsed.data.token;
    throw new LoadFailure('SECRET_UNUSABLE', `secret ${arn} must be JSON with the text "token"`, {
      facts: { secret: arn },
    });
  };
  return remembered(read, { keepMs: KEEP_SECRET_MS, clock });
}

function parseLogin(arn: string, text: string, { now }: { readonly now: number }): Login {
  const parsed = login.safeParse(secretValue(text));
  const options = { facts: { secret: arn } };
  if (!parsed.success) {
    throw new LoadFailure(
      'SECRET_UNUSABLE',
      `secret ${arn} must be JSON with the texts "username" and "password" and, where the server has a private authority, "ca"`,
      options,
    );
  }
  const { ca, ...name } = parsed.data;
  const [fault] = authorityFaults(ca, now);
  if (fault === undefined) return { ...name, ...(ca !== undefined && { ca }) };
  throw new LoadFailure('SECRET_UNUSABLE', `secret ${arn} cannot be used: ${fault}`, options);
}
