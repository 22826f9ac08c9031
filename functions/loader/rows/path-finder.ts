import type { PathStep } from '#shared/domain/spec/json-path.ts';
import { OPEN_BRACE, OPEN_BRACKET } from './bytes.ts';
import { ColumnFinder } from './column-finder.ts';
import { JsonScanner } from './json-scanner.ts';

/** Where a value lies. */
export interface JsonRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the values of several paths in a JSON object or array that was checked before. Every object and array on
 * the way is read once, however many paths lead through it.
 */
export class PathFinder {
  /** Per path the start and the end of its value, -1 for none; valid after {@link PathFinder.find}. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #root: Node;

  constructor(paths: readonly (readonly PathStep[])[]) {
    this.starts = new Int32Array(paths.length);
    this.ends = new Int32Array(paths.length);
    this.#root = new Node(paths.map((steps, path) => ({ path, steps })));
  }

  find(bytes: Buffer, value: JsonRange): void {
    this.starts.fill(-1);
    this.#visit(this.#root, bytes, value);
  }

  #visit(node: Node, bytes: Buffer, { start, end }: JsonRange): void {
    for (const path of node.targets) {
      this.starts[path] = start;
      this.ends[path] = end;
    }
    const { scanner } = node;
    const { fields } = scanner;
    if (bytes[start] === OPEN_BRACE && node.byName.length > 0) {
      scanner.scan(bytes, start, end);
      node.finder.find(bytes, fields);
      node.byName.forEach((child, i) => {
        const field = node.finder.fieldOf[i] as number;
        if (field >= 0) this.#visit(child, bytes, rangeOf(scanner, field));
      });
    } else if (bytes[start] === OPEN_BRACKET && node.byPlace.size > 0) {
      scanner.scanArray(bytes, start, end);
      for (const [place, child] of node.byPlace) {
        if (place < fields.count) this.#visit(child, bytes, rangeOf(scanner, place));
      }
    }
  }
}

/** Where the n-th field's or element's value lies. */
export function rangeOf({ fields }: JsonScanner, n: number): JsonRange {
  return { start: fields.valueStartOf(n), end: fields.valueEndOf(n) };
}

interface Way {
  readonly path: number;
  readonly steps: readonly PathStep[];
}

/** Where paths part. */
class Node {
  /** Paths that end here. */
  readonly targets: readonly number[];
  readonly byName: readonly Node[];
  /** Finds the fields of `byName`, in its order. */
  readonly finder: ColumnFinder;
  readonly byPlace: ReadonlyMap<number, Node>;
  /** Of its own, as its positions are needed while the values within are read. */
  readonly scanner = new JsonScanner();

  constructor(ways: readonly Way[]) {
    this.targets = ways.filter(({ steps }) => steps.length === 0).map(({ path }) => path);
    const nexts = new Map<PathStep, Way[]>();
    for (const { path, steps } of ways) {
      const [step, ...rest] = steps;
      if (step === undefined) continue;
      const others = nexts.get(step);
      if (others) others.push({ path, steps: rest });
      else nexts.set(step, [{ path, steps: rest }]);
    }
    const names = [...nexts.keys()].filter((step) => typeof step === 'string');
    this.finder = new ColumnFinder(names);
    this.byName = names.map((name) => new Node(nexts.get(name) ?? []));
    this.byPlace = new Map(
      [...nexts].flatMap(([step, next]) =>
        typeof step === 'number' ? [[step, new Node(next)]] : [],
      ),
    );
  }
}
