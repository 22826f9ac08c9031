import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameMemory } from '#shared/kafka/frame-memory.ts';
import { framedReading } from '#shared/kafka/framed-reading.ts';

/** Reads `bytes` as a socket does that has so many of them at a time. */
function read(bytes: Buffer, counts: Iterable<number>) {
  const frames: Buffer[] = [];
  const errors: Error[] = [];
  const { buffer, callback } = framedReading({
    memory: frameMemory(),
    onFrame: (frame) => frames.push(frame),
    onForeign: (error) => errors.push(error),
  });
  const next = buffer as () => Uint8Array;
  let goesOn = true;
  let room = next();
  const sizes = counts[Symbol.iterator]();
  for (let at = 0; at < bytes.length && goesOn; ) {
    const count = Math.min(room.length, bytes.length - at, sizes.next().value ?? 1);
    room.set(bytes.subarray(at, at + count));
    at += count;
    goesOn = callback(count, room);
    room = next();
  }
  return { frames, errors };
}

function framed(content: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + content.length);
  frame.writeUInt32BE(content.length);
  frame.set(content, 4);
  return frame;
}

test('frames come whole, in their order, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (contents, sizes) => {
        const sent = contents.map(framed);
        const { frames, errors } = read(Buffer.concat(sent), sizes);
        expect(frames).toEqual(sent);
        expect(errors).toEqual([]);
      },
    ),
  );
});

test('half of an answer is none', () => {
  expect(read(framed(Buffer.from('answer')).subarray(0, 7), [4, 3]).frames).toEqual([]);
});

test.each([
  ['an alert of TLS', Buffer.from('15030100020250', 'hex')],
  ['an answer to no request', framed(Buffer.from([0, 0, 0]))],
  ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('%s is told at once as what is no broker', (_, bytes) => {
  const { frames, errors } = read(bytes, [4, 100]);

  expect(frames).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toMatch(
    /^an answer of a broker must have 4 to 268435456 bytes, got \d+: what listens there speaks something else, perhaps TLS$/,
  );
});
