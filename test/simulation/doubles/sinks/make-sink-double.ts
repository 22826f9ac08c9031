import { FileSinkDouble } from './file/file-sink-double.ts';
import { IcebergSinkDouble } from './iceberg/iceberg-sink-double.ts';
import { S3SinkDouble } from './s3/s3-sink-double.ts';
import type { RealSink, SinkDouble, SinkDoubleDeps } from './simulated-sink.ts';
import { WarehouseSinkDouble } from './warehouse/warehouse-sink-double.ts';

/** One whole world in so many, all of them small, has one of the product's own sinks, each kind in turn. */
const REAL_SINK_EVERY = 8;
/** Never a multiple of sixteen, which are the large worlds. */
const REAL_SINK_AT = 3;

/** Not that of Iceberg, which came later and has to be asked for: what a number means must not change. */
const IN_TURN: readonly RealSink[] = ['s3', 'doris', 'starrocks', 'file'];

/** The kind that the whole world of a number has; nothing where it has the model. */
export function realSinkOf(number: number): RealSink | undefined {
  if (number % REAL_SINK_EVERY !== REAL_SINK_AT) return undefined;
  return IN_TURN[Math.floor(number / REAL_SINK_EVERY) % IN_TURN.length];
}

/** A destination of that kind. */
export function makeSinkDouble(kind: RealSink, deps: SinkDoubleDeps): SinkDouble {
  switch (kind) {
    case 's3':
      return new S3SinkDouble(deps);
    case 'doris':
    case 'starrocks':
      return new WarehouseSinkDouble(kind, deps);
    case 'file':
      return new FileSinkDouble(deps);
    case 'iceberg':
      return new IcebergSinkDouble(deps);
  }
}
