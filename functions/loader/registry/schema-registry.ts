/** A schema that others name by `name`: an import of Protobuf, a `$ref`, or the name of an Avro type. */
export interface ReferencedSchema {
  readonly name: string;
  readonly text: string;
}

/** A schema as a registry keeps it. */
export interface RegisteredSchema {
  readonly type: 'avro' | 'protobuf' | 'json-schema';
  readonly text: string;
  /** All that it refers to, directly or not; what others refer to comes first. */
  readonly references: readonly ReferencedSchema[];
}

/** What values name their schemas by: a number of Confluent's, or a UUID of Confluent's or Glue's. */
export type SchemaId = number | string;

/** Finds schemas. What an id stands for never changes. */
export interface SchemaRegistry {
  /**
   * @returns why there is no such schema for us, when the registry itself says so
   * @throws {LoadFailure} REGISTRY_UNREACHABLE, REGISTRY_AUTH_FAILED, REGISTRY_NOT_ALLOWED, SECRET_UNAVAILABLE or
   * SECRET_UNUSABLE
   */
  find(id: SchemaId): Promise<RegisteredSchema | { readonly missing: string }>;
}
