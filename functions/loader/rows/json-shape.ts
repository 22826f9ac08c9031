import type { JsonFormat } from '#shared/domain/spec/json-format.ts';
import { type PathStep, parseJsonPath } from '#shared/domain/spec/json-path.ts';
import type { RecordView } from '../records.ts';
import { CLOSE_BRACE, COMMA, LF, OPEN_BRACE } from './bytes.ts';
import { ElementView } from './element-view.ts';
import { scanArray, scanObject } from './json-fault.ts';
import { JsonScanner } from './json-scanner.ts';
import { PathFinder, rangeOf } from './path-finder.ts';
import { RowBuffer } from './row-buffer.ts';
import type { RowEncoder, RowFault } from './row-encoder.ts';

/** Elements of one array: with metadata beside each of them, small ones could take any amount of memory. */
const MOST_ELEMENTS = 1_000_000;

const NULL = Buffer.from('null');

/** What of a specification decides where in values the rows are. */
export interface ShapeSpec {
  readonly format: JsonFormat;
  /** The fields that `jsonPaths` finds, in their order. */
  readonly names: readonly string[];
}

/**
 * An encoder of JSON objects as one of values that hold them, by `jsonRoot`, `stripOuterArray` and `jsonPaths`; the
 * encoder itself where none of them is given.
 *
 * - What a value holds is passed on byte by byte, as {@link JsonScanner} finds it; nothing is parsed.
 * - One element that is no row makes the whole record bad: a record is what dead letters hold, and what is loaded
 *   again, so its other elements would be loaded twice.
 * - A path that leads nowhere gives null; a root that is not there makes the record bad.
 *
 * @throws {RangeError} for a path that the specification's schema refuses
 */
export function shapedRows({ format, names }: ShapeSpec, encoder: RowEncoder): RowEncoder {
  const { jsonRoot, stripOuterArray = false, jsonPaths } = format;
  const root = jsonRoot === undefined ? [] : stepsOf(jsonRoot);
  if (root.length === 0 && !stripOuterArray && jsonPaths === undefined) return encoder;
  return new JsonShape(encoder, {
    ...(root.length > 0 && { root: { text: jsonRoot ?? '$', steps: root } }),
    stripOuterArray,
    ...(jsonPaths && { fields: new ChosenFields(names, jsonPaths.map(stepsOf)) }),
  });
}

function stepsOf(path: string): readonly PathStep[] {
  const steps = parseJsonPath(path);
  if (steps === undefined) throw new RangeError(`must be a path, got ${path}`);
  return steps;
}

interface Shape {
  readonly root?: { readonly text: string; readonly steps: readonly PathStep[] };
  readonly stripOuterArray: boolean;
  readonly fields?: ChosenFields;
}

class JsonShape implements RowEncoder {
  readonly header?: Buffer;
  readonly #encoder: RowEncoder;
  readonly #shape: Shape;
  readonly #rootFinder: PathFinder;
  readonly #scanner = new JsonScanner();
  readonly #view = new ElementView();
  #rows = 0;

  constructor(encoder: RowEncoder, shape: Shape) {
    if (encoder.header) this.header = encoder.header;
    this.#encoder = encoder;
    this.#shape = shape;
    this.#rootFinder = new PathFinder([shape.root?.steps ?? []]);
  }

  lastRows(): number {
    return this.#rows;
  }

  encode(record: RecordView, out: RowBuffer): RowFault | undefined {
    this.#rows = 0;
    const view = this.#view;
    view.open(record);
    try {
      // The row of a tombstone is ours, and has the shape already.
      if (record.tombstone !== undefined) return this.#row(out);
      const fault = this.#findRoot();
      if (fault) return fault;
      return this.#shape.stripOuterArray ? this.#elements(out) : this.#row(out);
    } finally {
      view.close();
    }
  }

  #findRoot(): RowFault | undefined {
    const { root } = this.#shape;
    if (root === undefined) return undefined;
    const view = this.#view;
    const scan = typeof root.steps[0] === 'string' ? scanObject : scanArray;
    const fault = scan(this.#scanner, view);
    if (fault) return fault;
    this.#rootFinder.find(view.buffer, this.#scanner);
    const [start = -1] = this.#rootFinder.starts;
    if (start < 0) return { reason: `has no ${root.text}, which format.jsonRoot names` };
    view.narrow({ start, end: this.#rootFinder.ends[0] as number });
    return undefined;
  }

  #elements(out: RowBuffer): RowFault | undefined {
    const scanner = this.#scanner;
    const fault = scanArray(scanner, this.#view);
    if (fault) return fault;
    const { count } = scanner.fields;
    if (count > MOST_ELEMENTS) {
      return { reason: `must have at most ${MOST_ELEMENTS} elements, got ${count}` };
    }
    for (let n = 0; n < count; n += 1) {
      if (n > 0) out.byte(LF);
      this.#view.narrow(rangeOf(scanner, n));
      const bad = this.#row(out);
      if (bad) return { ...bad, reason: `element ${n}: ${bad.reason}` };
    }
    return undefined;
  }

  #row(out: RowBuffer): RowFault | undefined {
    const view = this.#view;
    const { fields } = this.#shape;
    const isOurs = fields === undefined || view.tombstone !== undefined;
    const fault = isOurs
      ? this.#encoder.encode(view, out)
      : (fields.choose(view) ?? this.#encoder.encode(fields.view, out));
    if (fault === undefined) this.#rows += 1;
    return fault;
  }
}

/** The fields that paths choose, as objects of their own. */
class ChosenFields {
  /** The record with the object that was made last as its value. */
  readonly view = new ElementView();
  readonly #names: readonly Buffer[];
  readonly #finder: PathFinder;
  readonly #scanner = new JsonScanner();
  readonly #object = new RowBuffer(1_024);

  constructor(names: readonly string[], paths: readonly (readonly PathStep[])[]) {
    this.#names = names.map((name) => Buffer.from(`${JSON.stringify(name)}:`));
    this.#finder = new PathFinder(paths);
  }

  /** @returns why the value is no object, or undefined when {@link ChosenFields.view} shows its fields */
  choose(record: RecordView): RowFault | undefined {
    const fault = scanObject(this.#scanner, record);
    if (fault) return fault;
    this.#finder.find(record.buffer, this.#scanner);
    const out = this.#object;
    out.truncate(0);
    // The view's key and headers lie in the same buffer as its value.
    const keyLength = Math.max(0, record.keyEnd - record.keyStart);
    if (keyLength > 0) out.copy(record.buffer, record.keyStart, record.keyEnd);
    out.copy(record.buffer, record.headersStart, record.headersEnd);
    const start = out.length;
    out.byte(OPEN_BRACE);
    this.#names.forEach((name, path) => {
      if (path > 0) out.byte(COMMA);
      out.all(name);
      const at = this.#finder.starts[path] as number;
      if (at < 0) out.all(NULL);
      else out.copy(record.buffer, at, this.#finder.ends[path] as number);
    });
    out.byte(CLOSE_BRACE);
    this.view.move(record, { buffer: out.bytes, keyLength, value: { start, end: out.length } });
    return undefined;
  }
}
