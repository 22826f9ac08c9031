import { GetSchemaVersionCommand, GlueClient } from '@aws-sdk/client-glue';
import { awsTimeLimits } from '#shared/aws-time-limits.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { GlueRegistrySpec } from '#shared/domain/spec/schema-registry.ts';
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts';

/** The part of a client that is used. */
export type GlueLink = Pick<GlueClient, 'send'>;

const TYPES: Readonly<Record<string, RegisteredSchema['type']>> = {
  AVRO: 'avro',
  PROTOBUF: 'protobuf',
  JSON: 'json-schema',
};

/** Errors of Glue that say something of the role, not of the moment. */
const AUTH_ERRORS =
  /^(AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientToken)/;

/** The registry of a region, with the function's own credentials. */
export function openGlueRegistry(spec: GlueRegistrySpec, timeoutMs: number): SchemaRegistry {
  const client = new GlueClient({
    ...(spec.region === undefined ? {} : { region: spec.region }),
    maxAttempts: 2,
    requestHandler: awsTimeLimits({ connectMs: timeoutMs, requestMs: timeoutMs }),
  });
  return glueRegistry(client, spec);
}

/** The schema registry of AWS Glue. Its schemas do not refer to each other. */
export function glueRegistry(client: GlueLink, { registryName }: GlueRegistrySpec): SchemaRegistry {
  return {
    async find(id) {
      const command = new GetSchemaVersionCommand({ SchemaVersionId: String(id) });
      const answer = await client.send(command).catch((error: unknown) => {
        if (nameOf(error) === 'EntityNotFoundException') return undefined;
        throw failure(error);
      });
      if (answer === undefined) return { missing: `the registry has no schema version ${id}` };
      const { DataFormat = '', SchemaDefinition: text, SchemaArn = '', Status } = answer;
      // arn:aws:glue:<region>:<account>:schema/<registry>/<schema>
      const owner = SchemaArn.split('/')[1];
      if (registryName !== undefined && owner !== registryName) {
        return { missing: `schema version ${id} is of the registry ${owner}, not ${registryName}` };
      }
      const type = TYPES[DataFormat];
      if (type === undefined || text === undefined) {
        return { missing: `schema version ${id} is ${DataFormat || 'empty'}, ${Status}` };
      }
      return { type, text, references: [] };
    },
  };
}

function failure(error: unknown): LoadFailure {
  const name = nameOf(error);
  const message = `the schema registry of AWS Glue cannot be used: ${name}`;
  const code = AUTH_ERRORS.test(name) ? 'REGISTRY_AUTH_FAILED' : 'REGISTRY_UNREACHABLE';
  return new LoadFailure(code, message, { cause: error });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
