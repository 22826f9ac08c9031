import protobuf from 'protobufjs';
import type { ReferencedSchema } from '../../registry/schema-registry.ts';
import { UndecodableValue } from '../undecodable.ts';
import type { MessageIndex } from '../value-schema.ts';

/** The messages of a .proto file, by their places in it. */
export interface ProtoFile {
  /** @throws {UndecodableValue} when there is none */
  messageAt(index: MessageIndex): protobuf.Type;
}

/**
 * Parses a .proto file with what it imports.
 *
 * @throws {UndecodableValue} for what is none, and for imports that are not among the references
 */
export function parseProtoFile(
  text: string,
  references: readonly ReferencedSchema[] = [],
): ProtoFile {
  try {
    const root = new protobuf.Root();
    const files = new Map(references.map((reference) => [reference.name, reference.text]));
    const seen = new Set<string>();
    const include = (imports: readonly string[]) => {
      for (const name of imports) {
        if (seen.has(name)) continue;
        seen.add(name);
        include(parseInto(root, name, files.get(name)));
      }
    };
    const { package: packageName, imports } = parse(root, text);
    // Before its imports are there, all that the root holds is its own.
    const own = messagesOf(packageName === undefined ? root : root.lookup(packageName));
    include(imports);
    root.resolveAll();
    return { messageAt: (index) => messageAt(own, index) };
  } catch (cause) {
    if (cause instanceof UndecodableValue) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UndecodableValue(`no Protobuf schema: ${why}`, { cause });
  }
}

interface Parsed {
  readonly package: string | undefined;
  readonly imports: readonly string[];
}

function parse(root: protobuf.Root, text: string): Parsed {
  const parsed = protobuf.parse(text, root, { keepCase: true });
  return {
    package: parsed.package,
    imports: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])],
  };
}

/** @returns what it imports itself */
function parseInto(root: protobuf.Root, name: string, text: string | undefined): readonly string[] {
  if (text !== undefined) return parse(root, text).imports;
  const common = protobuf.common.get(name);
  if (common?.nested) root.addJSON(common.nested);
  // Options are for compilers: nothing of them is on the wire.
  else if (name !== 'google/protobuf/descriptor.proto') {
    throw new UndecodableValue(`no Protobuf schema: it imports ${name}, which nothing refers to`);
  }
  return [];
}

function messagesOf(parent: protobuf.NamespaceBase | protobuf.ReflectionObject | null) {
  if (!(parent instanceof protobuf.Namespace)) return [];
  return parent.nestedArray.filter((nested) => nested instanceof protobuf.Type);
}

function messageAt(own: readonly protobuf.Type[], index: MessageIndex): protobuf.Type {
  const found = typeof index === 'number' ? sorted(own)[index] : byPath(own, index);
  if (found) return found;
  throw new UndecodableValue(`the schema has no message ${JSON.stringify(index)}`);
}

function byPath(own: readonly protobuf.Type[], path: readonly number[]): protobuf.Type | undefined {
  let level = own;
  let found: protobuf.Type | undefined;
  for (const place of path) {
    found = level[place];
    level = messagesOf(found ?? null);
  }
  return found;
}

/** Glue counts all messages, nested ones too, in the order of their full names. */
function sorted(own: readonly protobuf.Type[]): protobuf.Type[] {
  const all = (types: readonly protobuf.Type[]): protobuf.Type[] =>
    types.flatMap((type) => [type, ...all(messagesOf(type))]);
  return all(own).sort((a, b) => (a.fullName < b.fullName ? -1 : 1));
}
