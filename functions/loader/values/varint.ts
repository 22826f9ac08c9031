import { UndecodableValue } from './undecodable.ts';

/** A position in bytes that moves on as they are read. */
export interface BytePosition {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
}

const LONGEST = 5;

/** Reads an unsigned varint of 32 bits. @throws {UndecodableValue} */
export function readVarint(position: BytePosition): number {
  let value = 0;
  for (let i = 0; i < LONGEST && position.at < position.end; i += 1) {
    const byte = position.bytes[position.at] as number;
    position.at += 1;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return value >>> 0;
  }
  throw new UndecodableValue('the frame holds a number that does not end');
}

/** Reads a zigzag varint of 32 bits. @throws {UndecodableValue} */
export function readZigzag(position: BytePosition): number {
  const value = readVarint(position);
  return (value >>> 1) ^ -(value & 1);
}
