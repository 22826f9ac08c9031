/** Frames as producers write them. */

/** Confluent's: 0, the number, what is behind it. */
export function confluentFrame(id: number, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, ...parts]);
}

/** Glue's: 3, the compression, the UUID, what is behind it. */
export function glueFrame(uuid: string, payload: Uint8Array, compression = 0): Buffer {
  return Buffer.concat([
    Buffer.from([3, compression]),
    Buffer.from(uuid.replaceAll('-', ''), 'hex'),
    payload,
  ]);
}
