import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rememberedLogins, rememberedTokens, secretsManager } from '#shared/kafka/secrets.ts';
import { type AwsDouble, startAwsDouble } from '../../../support/aws-double.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf';
const FIVE_MINUTES = 5 * 60_000;

function vault(text: string) {
  const state = { now: 0, text, reads: 0 };
  const clock = { now: () => state.now, sleep: async () => {} };
  const secrets = {
    read: async () => {
      state.reads += 1;
      return state.text;
    },
  };
  return { state, logins: rememberedLogins(secrets, clock) };
}

const login = (password: string) => JSON.stringify({ username: 'u', password, engine: 'kafka' });

test('a login is kept for five minutes and no longer', async () => {
  const { state, logins } = vault(login('old'));
  await logins.get(ARN);
  state.text = login('new');
  state.now = FIVE_MINUTES - 1;
  expect(await logins.get(ARN)).toEqual({ username: 'u', password: 'old' });
  state.now = FIVE_MINUTES;
  expect(await logins.get(ARN)).toEqual({ username: 'u', password: 'new' });
});

test('a dropped login is read again', async () => {
  const { state, logins } = vault(login('p'));
  await logins.get(ARN);
  logins.drop(ARN);
  await logins.get(ARN);
  expect(state.reads).toBe(2);
});

test.each([
  ['not JSON', 'canary-7f3a'],
  ['cut off', '{"username":"canary-7f3a"'],
  ['without a password', '{"username":"canary-7f3a"}'],
  ['with a number for a password', '{"username":"canary-7f3a","password":1}'],
])('a secret that is %s is refused, and nothing of it is told', async (_, text) => {
  const { state, logins } = vault(text);
  const failure = await logins.get(ARN).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SECRET_UNUSABLE', cause: undefined });
  expect((failure as Error).stack).not.toContain('canary');
  // Not kept: the next question reads it again.
  state.text = login('p');
  expect(await logins.get(ARN)).toEqual({ username: 'u', password: 'p' });
});

test('a bearer token is read, and a secret without one is refused without telling it', async () => {
  const clock = { now: () => 0, sleep: async () => {} };
  const tokensIn = (text: string) => rememberedTokens({ read: async () => text }, clock);
  expect(await tokensIn('{"token":"t"}').get(ARN)).toBe('t');
  for (const text of ['canary-7f3a', '{"token":""}', '{"Token":"canary-7f3a"}']) {
    const failure = await tokensIn(text)
      .get(ARN)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'SECRET_UNUSABLE',
      message: `secret ${ARN} must be JSON with the text "token"`,
    });
  }
});

describe('a secret of Secrets Manager', () => {
  let aws: AwsDouble;
  beforeEach(async () => {
    aws = await startAwsDouble();
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', aws.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.stop();
  });

  const failure = () =>
    secretsManager()
      .read(ARN)
      .catch((error: unknown) => error);

  test('is its text', async () => {
    aws.secrets.set(ARN, 'text');
    expect(await secretsManager().read(ARN)).toBe('text');
  });

  test('that is not there calls for a person, who is told its name and why', async () => {
    expect(await failure()).toMatchObject({
      code: 'SECRET_UNUSABLE',
      retryable: false,
      message: `secret ${ARN} cannot be read: there is no such secret (ResourceNotFoundException)`,
      facts: { secret: ARN },
    });
  });

  test.each([
    ['AccessDeniedException', 'SECRET_UNUSABLE'],
    ['DecryptionFailure', 'SECRET_UNUSABLE'],
    ['InvalidRequestException', 'SECRET_UNUSABLE'],
    ['InvalidParameterException', 'SECRET_UNUSABLE'],
    ['ValidationException', 'SECRET_UNUSABLE'],
    ['ThrottlingException', 'SECRET_UNAVAILABLE'],
    ['InternalServiceError', 'SECRET_UNAVAILABLE'],
    ['ExpiredTokenException', 'SECRET_UNAVAILABLE'],
    ['NewException', 'SECRET_UNAVAILABLE'],
  ])('refused by %s is %s', async (error, code) => {
    aws.secrets.set(ARN, 'text');
    aws.refused.set(ARN, error);
    expect(await failure()).toMatchObject({ code, message: expect.stringContaining(error) });
  });

  test('behind a network that is down may be tried again', async () => {
    await aws.stop();
    expect(await failure()).toMatchObject({ code: 'SECRET_UNAVAILABLE', retryable: true });
  });
});
