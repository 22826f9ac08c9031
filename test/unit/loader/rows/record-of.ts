import type { RecordView } from '../../../../functions/loader/records.ts';

/** A record as a test writes it. */
export interface GivenRecord {
  readonly value: string | Uint8Array | null;
  readonly partition?: number;
  readonly offset?: bigint;
  readonly timestamp?: number;
  readonly key?: string | Uint8Array | null;
  readonly headers?: readonly (readonly [string, string | Uint8Array | null])[];
}

/** A view of the record, in a buffer with foreign bytes on both sides, as in a batch. */
export function recordOf(given: GivenRecord | string): RecordView {
  const record = typeof given === 'string' ? { value: given } : given;
  const parts: Buffer[] = [Buffer.from('"}]foreign')];
  let length = parts[0]!.length;
  const place = (content: string | Uint8Array | null): [number, number] => {
    if (content === null) return [-1, -1];
    const bytes = Buffer.from(content as string);
    parts.push(bytes);
    length += bytes.length;
    return [length - bytes.length, length];
  };
  const [keyStart, keyEnd] = place(record.key ?? null);
  const [valueStart, valueEnd] = place(record.value);
  const [headersStart, headersEnd] = place(headerBytes(record.headers ?? []));
  place('"foreign{[');
  return {
    buffer: Buffer.concat(parts),
    partition: record.partition ?? 0,
    offset: record.offset ?? 0n,
    timestamp: record.timestamp ?? -1,
    keyStart,
    keyEnd,
    valueStart,
    valueEnd,
    headersStart,
    headersEnd,
    headersCount: record.headers?.length ?? 0,
  };
}

function headerBytes(headers: NonNullable<GivenRecord['headers']>): Buffer {
  return Buffer.concat(
    headers.flat().flatMap((part) => {
      if (part === null) return [varint(-1)];
      const bytes = Buffer.from(part as string);
      return [varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Buffer {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  const bytes: number[] = [];
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
