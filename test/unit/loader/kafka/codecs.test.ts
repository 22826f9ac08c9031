import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import {
  type Codec,
  decompress,
  TooLargeError,
} from '../../../../functions/loader/kafka/codecs.ts';

const LIMIT = 10_000_000;

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const snappyBlock = (plain: Buffer) => Buffer.from(compressSync(plain));
const XERIAL_HEADER = Buffer.concat([Buffer.from('82534e4150505900', 'hex'), int32(1), int32(1)]);
const xerial = (plain: Buffer) => {
  const parts = [XERIAL_HEADER];
  for (let at = 0; at < plain.length; at += 1_000) {
    const block = snappyBlock(plain.subarray(at, at + 1_000));
    parts.push(int32(block.length), block);
  }
  return Buffer.concat(parts);
};
const skippable = (first: number) =>
  Buffer.concat([Buffer.from([first, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);

/** Every form in which clients write a codec; all but raw snappy may be concatenated. */
const FORMS: readonly (readonly [string, Codec, (plain: Buffer) => Buffer])[] = [
  ['gzip', 'gzip', (plain) => gzipSync(plain)],
  ['snappy, raw', 'snappy', snappyBlock],
  ['snappy in the framing of xerial', 'snappy', xerial],
  ['lz4', 'lz4', (plain) => compressFrameSync(plain)],
  [
    'lz4 with checksums',
    'lz4',
    (plain) => compressFrameSync(plain, { contentChecksum: true, blockChecksums: true }),
  ],
  ['zstd', 'zstd', (plain) => zstdCompressSync(plain)],
];
const anyBytes = fc
  .oneof(
    fc.uint8Array({ maxLength: 5_000 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(30_000))
      .map(([unit, times]) => Buffer.alloc(unit.length * times, unit)),
  )
  .map((bytes) => Buffer.from(bytes));

describe.each(FORMS)('%s', (_, codec, compress) => {
  it('gives back what was compressed', () => {
    fc.assert(
      fc.property(anyBytes, (plain) => {
        expect(decompress(codec, compress(plain), LIMIT).equals(plain)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses more than the limit and takes the limit itself', () => {
    const plain = Buffer.alloc(300_000, 'abcdefg');
    const input = compress(plain);

    expect(decompress(codec, input, plain.length).equals(plain)).toBe(true);
    expect(() => decompress(codec, input, plain.length - 1)).toThrow(TooLargeError);
  });

  it('refuses input that is cut off', () => {
    const input = compress(Buffer.from('some text, some text, some text and more of it'));

    expect(() => decompress(codec, input.subarray(0, -6), LIMIT)).toThrow();
  });

  it('refuses input that is of another kind', () => {
    expect(() =>
      decompress(codec, Buffer.from('this was never compressed at all'), LIMIT),
    ).toThrow();
  });

  it('gives nothing or an error for any bytes, in bounded time and memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decompress(codec, Buffer.from(bytes), 1_000).length).toBeLessThanOrEqual(1_000);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 300 },
    );
  });
});

// Raw snappy has no end mark: it cannot be concatenated.
describe.each(FORMS.filter(([form]) => form !== 'snappy, raw'))(
  '%s, concatenated',
  (_, codec, compress) => {
    it('gives back all of what was compressed in parts', () => {
      fc.assert(
        fc.property(fc.array(anyBytes, { minLength: 2, maxLength: 4 }), (parts) => {
          const input = Buffer.concat(parts.map(compress));
          expect(decompress(codec, input, LIMIT).equals(Buffer.concat(parts))).toBe(true);
        }),
        { numRuns: 40 },
      );
    });
  },
);

describe('lz4 blocks that refer to those before them', () => {
  it('are decompressed with those', () => {
    const header = Buffer.from([0x40, 0x40]);
    const literals = Buffer.from([9, 0, 0, 0, 0x80, ...Buffer.from('abcdefgh')]);
    // 8 bytes from 8 back, which is the block before, and 5 literals.
    const match = Buffer.from([9, 0, 0, 0, 0x04, 8, 0, 0x50, ...Buffer.from('vwxyz')]);
    const frame = Buffer.concat([
      Buffer.from([0x04, 0x22, 0x4d, 0x18]),
      header,
      Buffer.from([(xxh32(header) >>> 8) & 0xff]),
      literals,
      match,
      Buffer.alloc(4),
    ]);

    expect(decompress('lz4', frame, LIMIT).toString()).toBe('abcdefghabcdefghvwxyz');
    expect(() => decompress('lz4', frame, 20)).toThrow(TooLargeError);
  });
});

/** xxHash32 of less than 4 bytes, seed 0: the checksum of a frame's header. */
function xxh32(bytes: Buffer): number {
  let hash = (374761393 + bytes.length) | 0;
  for (const byte of bytes) {
    hash = (hash + Math.imul(byte, 374761393)) | 0;
    hash = Math.imul((hash << 11) | (hash >>> 21), 2654435761);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489917);
  return (hash ^ (hash >>> 16)) >>> 0;
}

describe('frames that hold no data', () => {
  it('are skipped', () => {
    const plain = Buffer.from('some text');
    const lz4 = Buffer.concat([skippable(0x50), compressFrameSync(plain), skippable(0x5f)]);
    const zstd = Buffer.concat([skippable(0x50), zstdCompressSync(plain), skippable(0x5f)]);

    expect(decompress('lz4', lz4, LIMIT).equals(plain)).toBe(true);
    expect(decompress('zstd', zstd, LIMIT).equals(plain)).toBe(true);
  });
});

describe('no codec', () => {
  it('gives the input itself', () => {
    const input = Buffer.from('plain');

    expect(decompress('none', input, LIMIT)).toBe(input);
  });
});
