import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Job } from '../../functions/shared/domain/job.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { glueFrame } from '../support/registry/frames.ts';
import { type GlueDouble, startGlueDouble } from '../support/registry/glue-double.ts';
import { ORDER_FORMATS, type OrderFormat } from '../support/registry/order-values.ts';

/** Jobs whose schemas are in AWS Glue, as a whole: the SDK's client, over HTTP, to a stand-in. */

const brokers = inject('kafkaBrokers');
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };
const ZLIB = 5;
const [AVRO] = ORDER_FORMATS as readonly [OrderFormat];

let glue: GlueDouble;
let product: Product;
const before = { ...process.env };

beforeAll(async () => {
  glue = await startGlueDouble();
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL_GLUE: glue.url });
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')));
});
afterEach(() => glue.refuseWith(undefined));
afterAll(async () => {
  process.env = before;
  await product.close();
  await glue.stop();
});

const uuid = (n: number) => `00112233-4455-6677-8899-${String(n).padStart(12, '0')}`;
let ids = 0;

/** A job over two orders, the second one compressed, and whatever else is given. */
async function jobOver(format: OrderFormat, table: string, ...more: Buffer[]): Promise<Job> {
  ids += 1;
  const id = uuid(ids);
  glue.register(id, { DataFormat: format.schemaType, SchemaDefinition: format.schema });
  const payload = (n: number) =>
    Buffer.concat([format.message.glue, format.encode({ id: n, name: `№ ${n}` })]);
  const values = [glueFrame(id, payload(1)), ...more, glueFrame(id, deflateSync(payload(2)), ZLIB)];
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: values.map((value) => ({ value })) });
  return product.createJob({
    name: table,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    format: {
      type: format.type,
      registry: { glue: { region: 'eu-west-1', registryName: 'events' } },
    },
    errors: { maxPerTenThousand: 10_000 },
    destination: { file: { table } },
  });
}

const LINES = ['{"id":1,"name":"№ 1"}', '{"id":2,"name":"№ 2"}'];

describe('a job whose schemas are in AWS Glue', () => {
  it.each(ORDER_FORMATS)('loads $type, plain and compressed', async (format) => {
    const { id } = await jobOver(format, format.type);
    await product.settle(id);

    expect(await product.lines(format.type)).toEqual(LINES);
    expect(glue.asked.filter((asked) => asked === uuid(ids))).toHaveLength(1);
  });

  it('keeps as dead letters what names a version that is missing, or of another registry', async () => {
    const foreign = uuid(900);
    glue.register(foreign, {
      ...{ DataFormat: AVRO.schemaType, SchemaDefinition: AVRO.schema, registry: 'other' },
    });
    const bytes = AVRO.encode({ id: 3, name: 'c' });
    const missing = uuid(901);
    const bad = [glueFrame(missing, bytes), glueFrame(foreign, bytes), Buffer.from('{"id":4}')];
    const { id } = await jobOver(AVRO, 'missing', ...bad);
    await product.settle(id);

    expect(await product.lines('missing')).toEqual(LINES);
    const folder = join(product.directory, 'missing', '_dead_letters');
    const [file] = (await readdir(folder)).filter((name) => !name.startsWith('_'));
    const letters = (await readFile(join(folder, file!), 'utf8')).trimEnd().split('\n');
    expect(letters.map((letter) => JSON.parse(letter))).toMatchObject([
      { offset: '1', reason: `the registry has no schema version ${missing}` },
      {
        offset: '2',
        reason: `schema version ${foreign} is of the registry other, not events`,
        valueBase64: bad[1]!.toString('base64'),
      },
      { offset: '3', reason: 'must begin with 3, a compression and the UUID of a schema' },
    ]);
  });

  it('loses an attempt and no row while Glue throttles, and goes on when it answers', async () => {
    const { id } = await jobOver(AVRO, 'throttled');
    glue.refuseWith('ThrottlingException');
    await product.cycle();
    await product.cycle();
    await product.load(id);
    const [failed] = await product.tasks(id);
    expect(failed).toMatchObject({ status: 'PENDING', error: { code: 'REGISTRY_UNREACHABLE' } });

    glue.refuseWith(undefined);
    product.clock.forward(60_000);
    await product.settle(id);
    expect(await product.lines('throttled')).toEqual(LINES);
  });

  it('pauses at once when Glue does not let the role in, and names no secret', async () => {
    const { id } = await jobOver(AVRO, 'denied');
    glue.refuseWith('AccessDeniedException');
    await product.settle(id);

    const { state, reason } = await product.job(id);
    expect([state, reason.code]).toEqual(['PAUSED', 'REGISTRY_AUTH_FAILED']);
    expect(reason.message).toContain('AccessDeniedException');
    expect(reason.message).not.toContain(ENVIRONMENT.AWS_SECRET_ACCESS_KEY);
    const [task] = await product.tasks(id);
    expect(task?.attempt).toBe(1);
  });
});
