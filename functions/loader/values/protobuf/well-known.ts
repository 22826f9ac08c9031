import type protobuf from 'protobufjs';

const WRAPPER = /^\.google\.protobuf\.(Double|Float|U?Int(32|64)|Bool|String|Bytes)Value$/;
const MAPPED =
  /^\.google\.protobuf\.(Timestamp|Duration|FieldMask|Struct|Value|ListValue|Any|Empty)$/;

/** The one field of a type that stands for a scalar which may be absent; undefined for all other types. */
export function wrappedField(type: protobuf.Type): protobuf.Field | undefined {
  return WRAPPER.test(type.fullName) ? type.fieldsArray[0] : undefined;
}

/** Whether Protobuf's mapping to JSON has a form of its own for a type. */
export function isMapped({ fullName }: protobuf.Type): boolean {
  return MAPPED.test(fullName);
}

/** Whether an enum is the one whose only value is null. */
export function isNullValue({ fullName }: protobuf.Enum): boolean {
  return fullName === '.google.protobuf.NullValue';
}
