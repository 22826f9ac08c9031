import { expect, it } from 'vitest';
import { protobufSchema } from '../../../../functions/loader/values/protobuf/protobuf-schema.ts';
import type { MessageIndex } from '../../../../functions/loader/values/value-schema.ts';
import { saidOf } from './said.ts';

const FILE = `
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/any.proto";
message Row {
  enum Colour { NONE = 0; RED = 1; }
  message Inner { Inner next = 2; bytes raw = 3; }
  bool f_bool = 1;
  int32 f_int32 = 2; sint32 f_sint32 = 3; sfixed32 f_sfixed32 = 4;
  uint32 f_uint32 = 5; fixed32 f_fixed32 = 6;
  int64 f_int64 = 7; sint64 f_sint64 = 8; sfixed64 f_sfixed64 = 9;
  uint64 f_uint64 = 10; fixed64 f_fixed64 = 11;
  float f_float = 12; double f_double = 13; string f_string = 14; bytes f_bytes = 15;
  Colour f_enum = 16;
  Inner f_message = 17;
  repeated int32 f_list = 18;
  map<string, int32> f_map = 19;
  optional uint64 f_optional = 20;
  oneof choice { int64 f_one = 21; google.protobuf.BoolValue f_other = 22; }
  google.protobuf.Timestamp f_at = 23;
  google.protobuf.Duration f_lasted = 24;
  google.protobuf.UInt64Value f_wrapped = 25;
  google.protobuf.BytesValue f_wrapped_bytes = 26;
  google.protobuf.Struct f_struct = 27;
  google.protobuf.Value f_value = 28;
  google.protobuf.NullValue f_null = 29;
  google.protobuf.Any f_any = 30;
  repeated google.protobuf.Timestamp f_times = 31;
  int32 camelCase = 32;
}
`;

const schema = protobufSchema({ text: FILE, references: [] });
const said = (message: MessageIndex) => saidOf(schema.fields(message));

it('the types of a message’s fields are those of what their values become', () => {
  expect(said([0])).toEqual({
    f_bool: 'BOOLEAN',
    f_int32: 'INTEGER',
    f_sint32: 'INTEGER',
    f_sfixed32: 'INTEGER',
    f_uint32: 'UINTEGER',
    f_fixed32: 'UINTEGER',
    f_int64: 'BIGINT',
    f_sint64: 'BIGINT',
    f_sfixed64: 'BIGINT',
    f_uint64: 'UBIGINT',
    f_fixed64: 'UBIGINT',
    f_float: 'FLOAT',
    f_double: 'DOUBLE',
    f_string: 'VARCHAR',
    f_bytes: 'VARCHAR',
    f_enum: 'VARCHAR',
    f_message: 'JSON',
    f_list: 'JSON',
    f_map: 'JSON',
    f_optional: 'UBIGINT',
    f_one: 'BIGINT',
    f_other: 'BOOLEAN',
    f_at: 'TIMESTAMPTZ?',
    f_lasted: 'VARCHAR',
    f_wrapped: 'UBIGINT',
    f_wrapped_bytes: 'VARCHAR',
    f_struct: 'JSON',
    f_value: 'JSON',
    f_null: 'null',
    f_any: 'JSON',
    f_times: 'JSON',
    camelCase: 'INTEGER',
  });
});

it('each message of a file has fields of its own', () => {
  expect(said([0, 0])).toEqual({ next: 'JSON', raw: 'VARCHAR' });
  // Glue's place among all names: shop.Row, shop.Row.Inner.
  expect(said(1)).toEqual(said([0, 0]));
  expect(schema.fields([0])).toBe(schema.fields([0]));
});

it('a well-known type as a whole has no fields of its own', () => {
  const text = 'syntax = "proto3"; import "google/protobuf/struct.proto"; message M {}';
  const imported = protobufSchema({ text, references: [] });
  expect(saidOf(imported.fields([0]))).toEqual({});
});
