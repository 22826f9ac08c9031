import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { systemClock } from '../../functions/shared/clock.ts';
import type { Gateway } from '../../infra/local/gateway.ts';
import { smallSpec } from '../support/api-calls.ts';
import { type KnownKey, signatureFault } from '../support/aws-signature.ts';
import { runJobs, serveApi } from '../support/jobs-command.ts';
import { freshTables } from '../support/product.ts';

/** Requests that API Gateway would let in, before an API that checks their signatures by itself. */

const REGION = 'eu-west-1';
const PERMANENT = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfi' };
const TEMPORARY = { ...PERMANENT, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'a/token+of=mine' };

let api: Gateway;
let home: string;
let key: Omit<KnownKey, 'now'>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'jobs-signature-'));
  api = await serveApi(await freshTables(inject('dynamodbEndpoint')), (event) => {
    const { requestContext, rawPath, rawQueryString, headers, body = '' } = event;
    const request = {
      method: requestContext.http.method,
      path: rawPath,
      query: rawQueryString,
      headers,
      body: Buffer.from(body, event.isBase64Encoded ? 'base64' : 'utf8'),
    };
    return signatureFault(request, { ...key, now: systemClock.now() });
  });
});
afterAll(async () => {
  await api.close();
  await rm(home, { recursive: true, force: true });
});

/** Nothing of this machine's credentials is looked at, nor is any asked for elsewhere. */
const jobs = (words: string, env: Record<string, string>, input = '') =>
  runJobs(words.split(' '), {
    url: api.url,
    input,
    env: { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });

const inEnvironment = {
  AWS_ACCESS_KEY_ID: TEMPORARY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: TEMPORARY.secretAccessKey,
  AWS_SESSION_TOKEN: TEMPORARY.sessionToken,
};

it('requests with and without a body and a query are signed by the credentials of the environment', async () => {
  key = { ...TEMPORARY, region: REGION, service: 'execute-api' };
  const spec = JSON.stringify(smallSpec('flights', { comment: 'ä € 𝄞' }));
  const sign = `--sign ${REGION}`;

  const created = await jobs(`create - --key a-key ${sign}`, inEnvironment, spec);
  expect(created).toMatchObject({ code: 0, err: '' });
  const listed = await jobs(
    `ls --name flights --state need_schedule,paused ${sign}`,
    inEnvironment,
  );
  expect(listed).toMatchObject({ code: 0, out: expect.stringContaining(created.out.trim()) });
  expect((await jobs(`pause flights ${sign}`, inEnvironment)).out).toContain('is PAUSED');
  const patch = '{"comment": "~ * ( ) %2F"}';
  expect(await jobs(`alter flights - ${sign}`, inEnvironment, patch)).toMatchObject({ code: 0 });
});

it('the credentials of a profile sign, too', async () => {
  key = { ...PERMANENT, region: REGION, service: 'execute-api' };
  await mkdir(join(home, '.aws'));
  await writeFile(
    join(home, '.aws', 'credentials'),
    `[loads]\naws_access_key_id = ${PERMANENT.accessKeyId}\naws_secret_access_key = ${PERMANENT.secretAccessKey}\n`,
  );
  expect(await jobs(`ls --sign ${REGION}`, { AWS_PROFILE: 'loads' })).toMatchObject({ code: 0 });
});

it('other credentials, another region, no signature and no credentials all end with 3', async () => {
  key = { ...TEMPORARY, region: REGION, service: 'execute-api' };
  const other = { ...inEnvironment, AWS_SECRET_ACCESS_KEY: 'another' };
  const tries: [string, Record<string, string>, string][] = [
    [`ls --sign ${REGION}`, other, 'another signature'],
    ['ls --sign us-east-1', inEnvironment, 'us-east-1/execute-api/aws4_request'],
    ['ls', inEnvironment, 'no signature'],
    [`ls --sign ${REGION}`, {}, 'the request cannot be signed: '],
  ];
  for (const [words, env, said] of tries) {
    const { code, out, err } = await jobs(words, env);
    expect({ said, code, out }).toEqual({ said, code: 3, out: '' });
    expect(err).toContain(said);
    expect(err).not.toContain(TEMPORARY.secretAccessKey);
  }
});
