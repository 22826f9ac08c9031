import type { Period } from '../../../../../functions/loader/sinks/period.ts';
import type { Sink } from '../../../../../functions/loader/sinks/sink.ts';

/** A sink of Parquet that is given texts: behind those of each file comes a footer that says how many lines it has. */
export function asParquet(sink: Sink): Sink {
  return {
    ...sink,
    async open(label, work) {
      const writer = await sink.open(label, work);
      let current: { period: Period | undefined; lines: number } | undefined;
      const end = async () => {
        if (current) await writer.write(footerOf(current.lines), current.period);
      };
      return {
        async write(chunk, period) {
          if (current && current.period !== period) await end();
          const lines = Buffer.from(chunk).toString().split('\n').length - 1;
          const before = current?.period === period ? (current?.lines ?? 0) : 0;
          current = { period, lines: before + lines };
          await writer.write(chunk, period);
        },
        async prepare() {
          await end();
          return writer.prepare();
        },
        discard: () => writer.discard(),
      };
    },
  };
}

/** The least that Thrift's compact protocol needs: version, no schema, rows, and one row group that has them. */
function footerOf(rows: number): Buffer {
  const count = varint(2 * rows);
  const group = [0x26, 0x00, 0x16, ...count, 0x00];
  const fields = [0x15, 0x02, 0x19, 0x0c, 0x16, ...count, 0x19, 0x1c, ...group, 0x00];
  const length = Buffer.alloc(4);
  length.writeUInt32LE(fields.length);
  return Buffer.concat([Buffer.from(fields), length, Buffer.from('PAR1')]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
