import type { Transform } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';

/** Turns chunks into the bytes of one compressed stream. */
export interface Compressor {
  /** Takes a chunk in. @returns what is ready by now */
  add(chunk: Uint8Array): Promise<readonly Buffer[]>;
  /** Ends the stream. @returns what was left */
  end(): Promise<readonly Buffer[]>;
}

/** The compressor of a destination. */
export function makeCompressor(compression: S3Destination['compression']): Compressor {
  switch (compression) {
    case 'none':
      return {
        add: async (chunk) => [Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)],
        end: async () => [],
      };
    case 'gzip':
      return throughStream(createGzip());
    case 'zstd':
      return throughStream(createZstdCompress());
  }
}

function throughStream(stream: Transform): Compressor {
  let ready: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => ready.push(chunk));
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  failed.catch(() => {});
  const taken = () => {
    const bytes = ready;
    ready = [];
    return bytes;
  };
  return {
    async add(chunk) {
      const done = new Promise<void>((resolve) => stream.write(chunk, () => resolve()));
      await Promise.race([done, failed]);
      return taken();
    },
    async end() {
      const done = new Promise<void>((resolve) => stream.once('end', resolve));
      stream.end();
      await Promise.race([done, failed]);
      return taken();
    },
  };
}
