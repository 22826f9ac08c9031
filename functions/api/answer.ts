import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';

/**
 * An answer whose body is checked against its schema: what is sent is what is documented, with its fields
 * in the schema's order, and a field that nobody meant to show stops here.
 *
 * @throws {z.ZodError} when the body does not fit, which is a mistake of ours
 */
export function answer<S extends z.ZodType>(
  schema: S,
  body: z.input<S>,
  options: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: options.status ?? 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...options.headers,
    },
    body: JSON.stringify(schema.parse(body)),
  };
}
