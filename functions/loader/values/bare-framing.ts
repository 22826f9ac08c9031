import type { Framing } from './framing.ts';
import { UndecodableValue } from './undecodable.ts';

/** The id of the one schema where values name none. */
const ONLY_SCHEMA = 0;

/** Values that are nothing but themselves. */
export const bareFraming: Framing = {
  schemaOf: () => ONLY_SCHEMA,
  open: ({ buffer: bytes, valueStart: start, valueEnd: end }) => ({ bytes, start, end }),
};

const MARKER = Buffer.from([0xc3, 0x01]);

/**
 * Avro's single-object encoding (specification 1.12): a marker, the fingerprint of the schema, the value.
 *
 * @param fingerprint of the one schema that values may have, as its 8 bytes stand in them
 */
export function singleObjectFraming(fingerprint: Buffer): Framing {
  const prefix = Buffer.concat([MARKER, fingerprint]);
  return {
    schemaOf: () => ONLY_SCHEMA,
    open({ buffer: bytes, valueStart, valueEnd: end }) {
      const start = valueStart + prefix.length;
      if (start <= end && prefix.compare(bytes, valueStart, start) === 0) {
        return { bytes, start, end };
      }
      const wanted = prefix.toString('hex');
      throw new UndecodableValue(`must begin with ${wanted}, the fingerprint of its schema`);
    },
  };
}
