import type { RecordView } from '../records.ts';
import { type BytePosition, readZigzag } from './varint.ts';

/** A header's value. */
export interface HeaderValue {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * The value of the last header of a name, as Kafka's own clients look them up; undefined when there is none, or it
 * is null. Headers that do not end where the record says have none: who writes headers finds that out.
 */
export function lastHeader(record: RecordView, name: Buffer): HeaderValue | undefined {
  const { buffer: bytes, headersStart, headersEnd: end, headersCount } = record;
  const position = { bytes, at: headersStart, end };
  let found: HeaderValue | undefined;
  for (let i = 0; i < headersCount; i += 1) {
    const key = nextPart(position);
    const value = nextPart(position);
    if (!key || !value) return undefined;
    if (!isNull(key) && name.compare(bytes, key.start, key.end) === 0) {
      found = isNull(value) ? undefined : value;
    }
  }
  return found;
}

function isNull({ start, end }: HeaderValue): boolean {
  return end < start;
}

/** A zigzag varint length, -1 for null, and so many bytes (KIP-82). @returns undefined for what is none */
function nextPart(position: BytePosition): HeaderValue | undefined {
  const { bytes, end } = position;
  try {
    const length = readZigzag(position);
    const start = position.at;
    if (length > end - start) return undefined;
    position.at += Math.max(0, length);
    return { bytes, start, end: start + length };
  } catch {
    return undefined;
  }
}
