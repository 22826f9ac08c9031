import type { GetSchemaVersionCommandOutput } from '@aws-sdk/client-glue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type GlueLink,
  glueRegistry,
  openGlueRegistry,
} from '../../../../functions/loader/registry/glue-registry.ts';
import { startGlueDouble } from '../../../support/registry/glue-double.ts';

const ID = '00112233-4455-6677-8899-aabbccddeeff';

function registry(answer: Partial<GetSchemaVersionCommandOutput> | Error, registryName?: string) {
  const send = async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return glueRegistry({ send } as unknown as GlueLink, { registryName });
}

const named = (name: string) => Object.assign(new Error('secret details'), { name });

const VERSION = {
  DataFormat: 'PROTOBUF',
  SchemaDefinition: 'message M {}',
  SchemaArn: 'arn:aws:glue:us-east-1:111111111111:schema/events/orders',
  Status: 'AVAILABLE',
} as const;

describe('glueRegistry', () => {
  it('finds a version by its id, in any registry or in the one that the job names', async () => {
    const schema = { type: 'protobuf', text: 'message M {}', references: [] };
    expect(await registry(VERSION).find(ID)).toEqual(schema);
    expect(await registry(VERSION, 'events').find(ID)).toEqual(schema);
    expect(await registry(VERSION, 'other').find(ID)).toEqual({
      missing: `schema version ${ID} is of the registry events, not other`,
    });
  });

  it('says what is missing', async () => {
    expect(await registry(named('EntityNotFoundException')).find(ID)).toEqual({
      missing: `the registry has no schema version ${ID}`,
    });
    expect(await registry({ Status: 'FAILURE' }).find(ID)).toEqual({
      missing: `schema version ${ID} is empty, FAILURE`,
    });
  });

  it.each([
    ['AccessDeniedException', 'REGISTRY_AUTH_FAILED'],
    ['ThrottlingException', 'REGISTRY_UNREACHABLE'],
    ['TimeoutError', 'REGISTRY_UNREACHABLE'],
  ])('tells %s as %s', async (name, code) => {
    await expect(registry(named(name)).find(ID)).rejects.toMatchObject({
      code,
      message: `the schema registry of AWS Glue cannot be used: ${name}`,
    });
  });
});

describe('openGlueRegistry', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('asks the service of the region for the id, over HTTP', async () => {
    const glue = await startGlueDouble();
    glue.register(ID, { DataFormat: 'PROTOBUF', SchemaDefinition: 'message M {}' });
    vi.stubEnv('AWS_ENDPOINT_URL_GLUE', glue.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
    const opened = openGlueRegistry({ region: 'eu-west-1' }, 2_000);

    expect(await opened.find(ID)).toMatchObject({ type: 'protobuf', text: 'message M {}' });
    const other = ID.replace('0', 'f');
    expect(await opened.find(other)).toHaveProperty('missing');
    expect(glue.asked).toEqual([ID, other]);
    await glue.stop();
  });
});
