import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowedHosts } from '#shared/allowed-hosts.ts';
import { confluentRegistry } from '../../../../functions/loader/registry/confluent-registry.ts';
import { keyPem, testCertificate } from '../../../support/certificates.ts';
import {
  type RegistryDouble,
  startRegistryDouble,
} from '../../../support/registry/registry-double.ts';

/** By HTTP on loopback. */

const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:registry-AbCdEf';
const LOGIN = { username: 'reader', password: 'open:sesame' };
const GUID = '00112233-4455-6677-8899-aabbccddeeff';

let double: RegistryDouble;

beforeEach(async () => {
  double = await startRegistryDouble({ login: LOGIN });
});
afterEach(() => double.stop());

/** @param passwords those that the secret holds, one reading after the other */
function registry(
  options: { allowed?: string[]; timeoutMs?: number; passwords?: string[]; url?: string } = {},
) {
  const { allowed = ['127.0.0.1'], timeoutMs = 2_000, url = double.url } = options;
  const passwords = [...(options.passwords ?? [LOGIN.password])];
  return confluentRegistry({
    spec: { url, secretArn: SECRET },
    access: { allowed: allowedHosts(allowed, 'registries'), timeoutMs },
    logins: {
      get: async () => ({ username: LOGIN.username, password: passwords[0] ?? '' }),
      drop: () => void passwords.shift(),
    },
  });
}

describe('confluentRegistry', () => {
  it('finds schemas by their numbers and by their GUIDs, Avro where nothing else is said', async () => {
    double.register(7, { schema: '"int"', guid: GUID });
    double.register(8, { schema: '{}', schemaType: 'JSON' });
    const schema = { type: 'avro', text: '"int"', references: [] };
    expect(await registry().find(7)).toEqual(schema);
    expect(await registry({ url: `${double.url}/` }).find(GUID)).toEqual(schema);
    expect(await registry().find(8)).toMatchObject({ type: 'json-schema' });
  });

  it('collects what schemas refer to, each once, what others need first', async () => {
    const money = { name: 'm', subject: 'money/v', version: 2 };
    const item = { name: 'i', subject: 'item', version: 1 };
    double.register(1, { schema: 'M', subject: 'money/v', version: 2 });
    double.register(2, { schema: 'I', subject: 'item', version: 1, references: [money] });
    double.register(3, { schema: 'O', references: [item, money] });

    expect(await registry().find(3)).toMatchObject({
      references: [
        { name: 'm', text: 'M' },
        { name: 'i', text: 'I' },
      ],
    });
    expect(double.asked).toHaveLength(3);
  });

  it('says what is missing: the schema, or one that it refers to', async () => {
    double.register(3, { schema: 'O', references: [{ name: 'm', subject: 'money', version: 2 }] });
    expect(await registry().find(404)).toEqual({ missing: 'the registry has no schema 404' });
    expect(await registry().find(3)).toEqual({
      missing: 'schema 3 refers to money version 2, which the registry has not',
    });
  });

  it('reads a secret again that was rotated, and gives up when it is still refused', async () => {
    double.register(7, { schema: '"int"' });
    expect(await registry({ passwords: ['old', LOGIN.password] }).find(7)).toMatchObject({
      text: '"int"',
    });
    const refused = registry({ passwords: ['wrong', 'wronger'] }).find(7);
    await expect(refused).rejects.toMatchObject({ code: 'REGISTRY_AUTH_FAILED', retryable: false });
    await refused.catch((error: Error) => expect(String(error)).not.toContain('wrong'));
  });

  it('sends nothing to a host that is not allowed, nor to one that a redirect names', async () => {
    double.register(7, { schema: '"int"' });
    await expect(registry({ allowed: ['*.registry.test'] }).find(7)).rejects.toMatchObject({
      code: 'REGISTRY_NOT_ALLOWED',
    });
    expect(double.asked).toEqual([]);

    const other = await startRegistryDouble();
    double.answerWith((request, response) => {
      response.writeHead(307, { location: `${other.url}${request.url}` }).end();
    });
    await expect(registry().find(7)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(other.asked).toEqual([]);
    await other.stop();
  });

  it.each([
    ['a 404 that is not its own', 404, '<html>no such page</html>'],
    ['a failure', 500, '{"error_code":50001,"message":"store"}'],
    ['an answer that is none', 200, '{"hello":"world"}'],
    ['too many requests', 429, ''],
  ])('may be asked again after %s', async (_, status, body) => {
    double.answerWith((__, response) => void response.writeHead(status).end(body));
    await expect(registry().find(7)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      retryable: true,
    });
  });

  it('does not wait for ever, and does not read for ever', async () => {
    double.answerWith(() => {});
    await expect(registry({ timeoutMs: 100 }).find(7)).rejects.toThrow(/no answer within 100 ms/);
    double.answerWith((_, response) => void response.writeHead(200).end(Buffer.alloc(9_000_000)));
    await expect(registry().find(7)).rejects.toThrow(/more than 8388608 bytes/);
  });

  it('is unreachable when nobody listens', async () => {
    const { url } = double;
    await double.stop();
    await expect(registry({ url }).find(7)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    double = await startRegistryDouble();
  });
});

it('is believed by the authority in the secret of its login, and by no other', async () => {
  const authority = testCertificate('authority');
  const server = testCertificate('registry', authority, { isServer: true });
  const tls = { cert: server.pem, key: keyPem(server) };
  const secure = await startRegistryDouble({ login: LOGIN, tls });
  try {
    secure.register(7, { schema: '"int"' });
    const by = (ca: string | undefined) =>
      confluentRegistry({
        spec: { url: secure.url, secretArn: SECRET },
        access: { allowed: allowedHosts(['127.0.0.1'], 'registries'), timeoutMs: 2_000 },
        logins: { get: async () => ({ ...LOGIN, ...(ca && { ca }) }), drop: () => {} },
      });
    expect(await by(authority.pem).find(7)).toMatchObject({ text: '"int"' });
    for (const ca of [undefined, testCertificate('authority').pem]) {
      await expect(by(ca).find(7)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    }
    expect(secure.asked).toHaveLength(1);
  } finally {
    await secure.stop();
  }
});
