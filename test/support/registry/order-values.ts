import avro from 'avsc';
import protobuf from 'protobufjs';

/** The same small order as a value of each format with a schema, as producers would write it. */

/** An order. `id` stays within what a double holds exactly. */
export interface Order {
  readonly id: number;
  readonly name: string;
}

/** A format: its schema's text, and a value by it. */
export interface OrderFormat {
  readonly type: 'avro' | 'protobuf' | 'json-schema';
  readonly schema: string;
  readonly schemaType: 'AVRO' | 'PROTOBUF' | 'JSON';
  /** Bytes between the frame and the value, by the registry; Protobuf names its message there. */
  readonly message: { readonly confluent: Buffer; readonly glue: Buffer };
  encode(order: Order): Uint8Array;
}

const NONE = Buffer.alloc(0);
const NO_MESSAGE = { confluent: NONE, glue: NONE };

const AVRO = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'name', type: 'string' },
  ],
} as const;
const PROTO = 'syntax = "proto3"; message Order { int64 id = 1; string name = 2; }';
const JSON_SCHEMA = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  properties: { id: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
};

const avroType = avro.Type.forSchema(AVRO as unknown as avro.Schema);
const protoType = protobuf.parse(PROTO).root.lookupType('Order');

/** All formats with a schema. The first message of a Protobuf file is 0 in both registries' frames. */
export const ORDER_FORMATS: readonly OrderFormat[] = [
  {
    type: 'avro',
    schema: JSON.stringify(AVRO),
    schemaType: 'AVRO',
    message: NO_MESSAGE,
    encode: (order) => avroType.toBuffer(order),
  },
  {
    type: 'protobuf',
    schema: PROTO,
    schemaType: 'PROTOBUF',
    message: { confluent: Buffer.from([0]), glue: Buffer.from([0]) },
    encode: (order) => protoType.encode(protoType.fromObject(order)).finish(),
  },
  {
    type: 'json-schema',
    schema: JSON.stringify(JSON_SCHEMA),
    schemaType: 'JSON',
    message: NO_MESSAGE,
    encode: (order) => Buffer.from(JSON.stringify(order)),
  },
];
