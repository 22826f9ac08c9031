import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../../../functions/api/openapi/open-api.ts';
import { routes } from '../../../../functions/api/routes/all.ts';
import { jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { apiOver } from '../../../support/api-calls.ts';
import { makeMemoryTables } from '../../../support/memory-tables.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what the document says, and fail where it does not
const document: any = openApi(routes, { base: '/prod' });

/** Whether a body fits what the document says of it, after a way over the wire. */
function validator(path: string, method: string, type = 'application/json') {
  const { schema } = document.paths[path][method].requestBody.content[type];
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  return ajv.compile(JSON.parse(JSON.stringify(schema)));
}

/** The specifications that the README pipes into the command. */
function readmeSpecs(): unknown[] {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const bodies = readme.matchAll(
    /echo '(\{\s[\s\S]*?\})' \| npm run -s jobs -- (?:create|preview)/g,
  );
  return [...bodies].map(([, body = '']) => ({
    // What is only previewed needs none.
    name: 'preview',
    ...JSON.parse(
      body
        .replaceAll("'$CLUSTER_ARN'", 'arn:aws:kafka:eu-west-1:111111111111:cluster/example/1')
        .replaceAll("'$BUCKET'", 'my-tables'),
    ),
  }));
}

describe('the document', () => {
  it('is what the API answers', async () => {
    const { status, body } = await apiOver(makeMemoryTables()).call('GET /openapi.json');
    expect(status).toBe(200);
    expect(body.paths).toEqual(JSON.parse(JSON.stringify(document.paths)));
  });

  it('has every route, its open parts, and nothing else', () => {
    const told = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(told.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    const { parameters } = document.paths['/jobs/{job}/tasks/{task}/resolve'].post;
    expect(parameters.map(({ name }: { name: string }) => name)).toEqual(['job', 'task']);
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/prod' }] });
  });

  it('has a body for every route that reads one', () => {
    const withBody = routes.filter(({ method, path }) => {
      return document.paths[path][method.toLowerCase()].requestBody !== undefined;
    });
    expect(withBody.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'PATCH /jobs/{job}',
      'POST /jobs',
      'POST /jobs/{job}/preview',
      'POST /jobs/{job}/tasks/{task}/resolve',
      'POST /previews',
    ]);
  });
});

describe('the body of a creation', () => {
  const fits = validator('/jobs', 'post');

  it('takes the specifications of the README, as the API does', () => {
    const specs = readmeSpecs();
    expect(specs.length).toBeGreaterThanOrEqual(4);
    for (const spec of specs) {
      fits(spec);
      expect(fits.errors ?? []).toEqual([]);
      expect(jobSpec.safeParse(spec).error).toBeUndefined();
    }
  });

  const least = {
    name: 'a',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 't' } },
    destination: { file: { table: 't' } },
  };

  it.each([
    ['types as a word', { types: 'infer' }],
    ['types by name', { types: { price: 'DECIMAL(12,2)', '*': 'infer' } }],
    ['an S3 destination', { destination: { s3: { bucket: 'my-tables' } } }],
  ])('takes %s', (_, more) => {
    expect(fits({ ...least, ...more })).toBe(true);
    expect(jobSpec.safeParse({ ...least, ...more }).success).toBe(true);
  });

  it.each([
    ['no name', { name: undefined }],
    ['a field that is not known', { strange: 1 }],
    ['no destination', { destination: {} }],
    ['two destinations', { destination: { file: { table: 't' }, s3: { bucket: 'my-tables' } } }],
    ['a faulty table', { destination: { file: { table: '../t' } } }],
    ['other words as types', { types: 'all' }],
    ['too many lanes', { desiredConcurrency: 257 }],
  ])('refuses %s, as the API does', (_, more) => {
    const spec = JSON.parse(JSON.stringify({ ...least, ...more }));
    expect(fits(spec)).toBe(false);
    expect(jobSpec.safeParse(spec).success).toBe(false);
  });
});

it('a patch may take a field away, and moves offsets only to what are some', () => {
  const fits = validator('/jobs/{job}', 'patch', 'application/merge-patch+json');
  expect(fits({ where: null, seek: { 0: '1200' } })).toBe(true);
  expect(fits({ seek: 'somewhere' })).toBe(false);
});
