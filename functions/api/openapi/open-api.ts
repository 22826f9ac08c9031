import * as z from 'zod';
import type { Route } from '../find-route.ts';
import { problemView } from '../views/problem-view.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** Answers are checked against their own schemas; here only that there are two kinds of them. */
const RESPONSES = {
  '2XX': { description: 'It is so, or it is done.', content: { 'application/json': {} } },
  default: {
    description: 'It is not; code says why.',
    content: {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    },
  },
};

/**
 * The routes as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), whose bodies are JSON Schema 2020-12.
 *
 * @param options `base`: what comes before every path
 */
export function openApi(routes: readonly Route[], { base }: { readonly base: string }): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Routine Load', version: '1' },
    servers: [{ url: base === '' ? '/' : base }],
    paths,
    components: { schemas: { Problem: jsonSchemaOf(problemView) } },
  };
}

function operationOf({ method, path, body }: Route): JsonSchema {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: jsonSchemaOf(z.string()),
  }));
  const types =
    method === 'PATCH'
      ? ['application/merge-patch+json', 'application/json']
      : ['application/json'];
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBody(jsonSchemaOf(body), types) }),
    responses: RESPONSES,
  };
}

function requestBody(schema: JsonSchema, types: readonly string[]): JsonSchema {
  return {
    required: true,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}
