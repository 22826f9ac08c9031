import * as z from 'zod';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { ConfluentRegistrySpec } from '#shared/domain/spec/schema-registry.ts';
import type { Remembered } from '#shared/kafka/remembered.ts';
import type { Login } from '#shared/kafka/secrets.ts';
import { fetchText, type RegistryAccess, type RegistryAnswer, unreachable } from './fetch-text.ts';
import type { ReferencedSchema, RegisteredSchema, SchemaRegistry } from './schema-registry.ts';

/** What a registry that speaks Confluent's API needs. */
export interface ConfluentRegistryOptions {
  readonly spec: ConfluentRegistrySpec;
  readonly access: RegistryAccess;
  readonly logins: Remembered<Login>;
}

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });

/** Both `/schemas/ids/{id}` and `/subjects/{subject}/versions/{version}` answer so, among more. */
const schemaAnswer = z.object({
  schema: z.string(),
  schemaType: z.string().default('AVRO'),
  references: z.array(reference).nullish(),
});
type SchemaAnswer = z.infer<typeof schemaAnswer>;

const errorAnswer = z.object({ error_code: z.int() });

const TYPES: Readonly<Record<string, RegisteredSchema['type']>> = {
  AVRO: 'avro',
  PROTOBUF: 'protobuf',
  JSON: 'json-schema',
};

/** Schemas that one may refer to, directly or not: a ring or a flood of them shall end. */
const MOST_REFERENCES = 200;

const ACCEPT = 'application/vnd.schemaregistry.v1+json, application/json';

/**
 * A registry with Confluent's API: Confluent's own, Karapace, Apicurio's compatible interface.
 *
 * A 404 counts only with the registry's own error code (404xx): a proxy or a mistyped path knows nothing of ids.
 */
export function confluentRegistry(options: ConfluentRegistryOptions): SchemaRegistry {
  const { spec } = options;
  const base = spec.url.replace(/\/$/, '');

  async function ask(path: string): Promise<SchemaAnswer | undefined> {
    const url = new URL(base + path);
    const answer = await authorised(options, url);
    if (answer.status === 200) return parsed(url, answer.body);
    if (answer.status === 404 && saysMissing(answer.body)) return undefined;
    if (answer.status === 401 || answer.status === 403) throw refused(url, answer.status);
    throw unreachable(url, `it answered ${answer.status}, expected 200 or a 404 of its own`);
  }

  async function referencesOf(root: SchemaAnswer): Promise<ReferencedSchema[] | string> {
    const found: ReferencedSchema[] = [];
    const seen = new Set<string>();
    const visit = async ({ references }: SchemaAnswer): Promise<string | undefined> => {
      for (const { name, subject, version } of references ?? []) {
        const key = `${name} ${subject} ${version}`;
        if (seen.has(key)) continue;
        seen.add(key);
        if (seen.size > MOST_REFERENCES) return `refers to more than ${MOST_REFERENCES} schemas`;
        // Also those that were deleted: values that were written with them have not gone.
        const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`;
        const answer = await ask(path);
        if (!answer) return `refers to ${subject} version ${version}, which the registry has not`;
        const fault = await visit(answer);
        if (fault !== undefined) return fault;
        found.push({ name, text: answer.schema });
      }
      return undefined;
    };
    return (await visit(root)) ?? found;
  }

  return {
    async find(id) {
      const path = typeof id === 'number' ? `/schemas/ids/${id}` : `/schemas/guids/${id}`;
      const answer = await ask(path);
      if (!answer) return { missing: `the registry has no schema ${id}` };
      const type = TYPES[answer.schemaType];
      if (type === undefined) return { missing: `schema ${id} is ${answer.schemaType}` };
      const references = await referencesOf(answer);
      if (typeof references === 'string') return { missing: `schema ${id} ${references}` };
      return { type, text: answer.schema, references };
    },
  };
}

/** Asks a second time with a new reading of the secret, which may have been rotated. */
async function authorised(
  { spec, access, logins }: ConfluentRegistryOptions,
  url: URL,
): Promise<RegistryAnswer> {
  const { secretArn } = spec;
  if (secretArn === undefined) return fetchText(access, url, { headers: { accept: ACCEPT } });
  const once = async () => {
    const login = await logins.get(secretArn);
    const headers = { accept: ACCEPT, authorization: basic(login) };
    return fetchText(access, url, { headers, ca: login.ca });
  };
  const answer = await once();
  if (answer.status !== 401) return answer;
  logins.drop(secretArn);
  return once();
}

function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function parsed(url: URL, body: string): SchemaAnswer {
  const answer = schemaAnswer.safeParse(jsonOf(body));
  if (answer.success) return answer.data;
  throw unreachable(url, 'its answer is none of a schema registry');
}

function saysMissing(body: string): boolean {
  const answer = errorAnswer.safeParse(jsonOf(body));
  return answer.success && Math.floor(answer.data.error_code / 100) === 404;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function refused(url: URL, status: number): LoadFailure {
  return new LoadFailure(
    'REGISTRY_AUTH_FAILED',
    `schema registry ${url.host} must accept the login of the job, it answered ${status}`,
    { facts: { host: url.host, status } },
  );
}
