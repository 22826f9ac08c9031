import { LoadFailure } from '#shared/domain/failure.ts';
import { RowBuffer } from '../../rows/row-buffer.ts';
import { type ChangedFields, ThriftCopy, writeInteger, writeStructList } from './thrift-copy.ts';

/**
 * The footer of one Parquet file that has the row groups of several, by Parquet's own definition:
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 *
 * Row groups are moved byte by byte, and what their descriptions say of places in the file is moved with them. All
 * else in the files must be the same.
 */
export class JoinedFooter {
  #before: Buffer | undefined;
  #behind: Buffer | undefined;
  readonly #groups = new RowBuffer(65_536);
  #groupCount = 0;
  #rows = 0n;

  /**
   * Adds the row groups that a file's footer describes.
   *
   * @param moved by how many bytes they stand farther behind now
   * @throws {LoadFailure} INTERNAL for a footer that differs in more than row groups, or has what cannot be moved
   */
  add(footer: Buffer, moved: bigint): void {
    const copy = new ThriftCopy(footer);
    const { version, schema } = FILE;
    if (copy.field(0)?.id !== version.id) throw unexpected('version');
    copy.skip(version.type);
    const ofSchema = copy.field(version.id);
    if (ofSchema?.id !== schema.id) throw unexpected('schema');
    copy.skip(ofSchema.type);
    const before = footer.subarray(0, copy.at);
    if (copy.field(schema.id)?.id !== FILE.rows.id) throw unexpected('num_rows');
    const rows = copy.integer();
    if (copy.field(FILE.rows.id)?.id !== FILE.groups.id) throw unexpected('row_groups');
    this.#addGroups(copy, moved);
    const behind = footer.subarray(copy.at);
    this.#before ??= before;
    this.#behind ??= behind;
    if (!this.#before.equals(before) || !this.#behind.equals(behind)) throw unexpected('schema');
    this.#rows += rows;
  }

  #addGroups(copy: ThriftCopy, moved: bigint): void {
    const { size, type } = copy.list();
    for (let i = 0; i < size; i += 1) {
      copy.copy(type, this.#groups, changesOf(moved, this.#groupCount));
      this.#groupCount += 1;
    }
  }

  /** The footer of all that was added; there must be something. */
  bytes(): Buffer {
    const { length } = this.#groups;
    const out = new RowBuffer(length + 4_096);
    out.all(this.#before ?? Buffer.alloc(0));
    out.byte((1 << 4) | FILE.rows.type);
    writeInteger(out, this.#rows);
    out.byte((1 << 4) | FILE.groups.type);
    writeStructList(out, this.#groupCount);
    out.copy(this.#groups.bytes, 0, length);
    out.all(this.#behind ?? Buffer.alloc(0));
    return out.take();
  }
}

/** What a file holds, by its footer: rows, and bytes before their compression. */
export function contentOf(footer: Buffer): { readonly rows: number; readonly bytes: number } {
  const copy = new ThriftCopy(footer);
  let [rows, bytes] = [0n, 0n];
  for (let field = copy.field(0); field; field = copy.field(field.id)) {
    if (field.id !== FILE.groups.id) {
      copy.skip(field.type);
      continue;
    }
    const addBytes = (value: bigint) => {
      bytes += value;
      return value;
    };
    const addRows = (value: bigint) => {
      rows += value;
      return value;
    };
    copy.copy(field.type, new RowBuffer(4_096), { 2: addBytes, 3: addRows });
  }
  return { rows: Number(rows), bytes: Number(bytes) };
}

/** Fields of FileMetaData, with their types: i32, list, i64, list. */
const FILE = {
  version: { id: 1, type: 5 },
  schema: { id: 2, type: 9 },
  rows: { id: 3, type: 6 },
  groups: { id: 4, type: 9 },
} as const;

/** What changes of a RowGroup. A place of 0 is none. */
function changesOf(moved: bigint, ordinal: number): ChangedFields {
  const move = (place: bigint) => (place === 0n ? place : place + moved);
  const refuse = () => {
    throw unexpected('page index');
  };
  const metadata = {
    9: move, // data_page_offset
    10: move, // index_page_offset
    11: move, // dictionary_page_offset
    14: move, // bloom_filter_offset
  };
  // Page indexes hold places themselves; the engine writes none.
  const column = { 2: move, 3: metadata, 4: refuse, 6: refuse };
  return { 1: column, 5: move, 7: () => BigInt(ordinal) };
}

function unexpected(what: string): LoadFailure {
  return new LoadFailure('INTERNAL', `parquet files to be joined must not differ in ${what}`);
}
