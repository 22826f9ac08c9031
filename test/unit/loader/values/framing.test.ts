import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { singleObjectFraming } from '../../../../functions/loader/values/bare-framing.ts';
import { confluentFraming } from '../../../../functions/loader/values/confluent-framing.ts';
import type { Framing } from '../../../../functions/loader/values/framing.ts';
import { glueFraming } from '../../../../functions/loader/values/glue-framing.ts';
import { confluentFrame, glueFrame } from '../../../support/registry/frames.ts';
import { type GivenRecord, recordOf } from '../rows/record-of.ts';

const UUID = '00112233-4455-6677-8899-aabbccddeeff';
const UUID_BYTES = Buffer.from(UUID.replaceAll('-', ''), 'hex');
const BODY = Buffer.from('body');

function opened(framing: Framing, given: GivenRecord) {
  const record = recordOf(given);
  const { bytes, start, end, message } = framing.open(record);
  return { id: framing.schemaOf(record), body: bytes.toString('utf8', start, end), message };
}

describe('confluentFraming', () => {
  const framing = confluentFraming({ hasMessage: false });
  const withMessage = confluentFraming({ hasMessage: true });

  it('reads a number, a GUID, and either in the header, which is believed first', () => {
    const guid = Buffer.concat([Buffer.from([1]), UUID_BYTES]);
    const number = confluentFrame(0x8000_0001, BODY);
    const header = ['__value_schema_id', guid] as const;
    expect(opened(framing, { value: number })).toMatchObject({ id: 0x8000_0001, body: 'body' });
    expect(opened(framing, { value: Buffer.concat([guid, BODY]) })).toMatchObject({
      id: UUID,
      body: 'body',
    });
    expect(
      opened(framing, { value: BODY, headers: [['other', null], header, ['__value', 'x']] }),
    ).toMatchObject({ id: UUID, body: 'body' });
  });

  it.each([
    ['the short form of the first message', [0], [0]],
    ['one index', [2, 4], [2]],
    ['a path', [4, 2, 0], [1, 0]],
  ])('reads the indexes of a message: %s', (_, bytes, indexes) => {
    const value = confluentFrame(7, Buffer.from(bytes), BODY);
    expect(opened(withMessage, { value })).toEqual({ id: 7, body: 'body', message: indexes });
    const header = Buffer.concat([Buffer.from([1]), UUID_BYTES, Buffer.from(bytes)]);
    expect(opened(withMessage, { value: BODY, headers: [['__value_schema_id', header]] })).toEqual({
      id: UUID,
      body: 'body',
      message: indexes,
    });
  });

  it.each([
    ['JSON', '{"n":1}'],
    ['a frame cut off', confluentFrame(1).subarray(0, 4)],
    ['a GUID cut off', Buffer.from([1, 2, 3])],
  ])('finds no id in %s', (_, value) => {
    const record = recordOf({ value });
    expect(framing.schemaOf(record)).toBeUndefined();
    expect(() => framing.open(record)).toThrow(/must begin with 0 or 1/);
  });

  it('refuses indexes that do not end or are too many', () => {
    const open = (bytes: number[]) => () =>
      withMessage.open(recordOf({ value: confluentFrame(1, Buffer.from(bytes)) }));
    expect(open([4, 2])).toThrow(/does not end/);
    expect(open([1])).toThrow(/must have 0-100 indexes of its message, got -1/);
  });
});

describe('glueFraming', () => {
  const framing = glueFraming({ hasMessage: false });

  it('reads plain and compressed values, and the place of a message', () => {
    expect(opened(framing, { value: glueFrame(UUID, BODY) })).toMatchObject({
      id: UUID,
      body: 'body',
    });
    expect(opened(framing, { value: glueFrame(UUID, deflateSync(BODY), 5) })).toMatchObject({
      id: UUID,
      body: 'body',
    });
    const value = glueFrame(UUID, deflateSync(Buffer.concat([Buffer.from([0xac, 2]), BODY])), 5);
    expect(opened(glueFraming({ hasMessage: true }), { value })).toEqual({
      id: UUID,
      body: 'body',
      message: 300,
    });
  });

  it('refuses a bomb, damaged zlib, an unknown compression and no frame', () => {
    const open = (value: Uint8Array) => () => framing.open(recordOf({ value }));
    expect(open(glueFrame(UUID, deflateSync(Buffer.alloc(40_000_000)), 5))).toThrow(
      'must be at most 33554432 bytes without its compression',
    );
    expect(open(glueFrame(UUID, BODY, 5))).toThrow('is not valid zlib behind its frame');
    expect(open(glueFrame(UUID, BODY, 1))).toThrow('must have compression 0 or 5, got 1');
    expect(open(BODY)).toThrow(/must begin with 3/);
    expect(framing.schemaOf(recordOf({ value: BODY }))).toBeUndefined();
  });
});

describe('singleObjectFraming', () => {
  it('takes values with the fingerprint of the schema, and no others', () => {
    const framing = singleObjectFraming(Buffer.from('12345678'));
    const value = Buffer.concat([Buffer.from([0xc3, 1]), Buffer.from('12345678'), BODY]);
    expect(opened(framing, { value })).toMatchObject({ body: 'body' });
    value[9] = 0;
    expect(() => framing.open(recordOf({ value }))).toThrow(/must begin with c3013132/);
  });
});
