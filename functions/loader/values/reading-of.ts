import { LoadFailure } from '#shared/domain/failure.ts';
import { type FormatSpec, hasSchema } from '#shared/domain/spec/value-format.ts';
import type { ValueReading } from './value-reading.ts';
import type { ValueReadings } from './value-readings.ts';

/**
 * How values of a format are read; undefined for formats without a schema.
 *
 * @param valueReadings absent where no registry is in reach
 * @throws {LoadFailure} INTERNAL for a format with a schema where none is in reach
 */
export async function readingOf(
  format: FormatSpec,
  valueReadings: ValueReadings | undefined,
): Promise<ValueReading | undefined> {
  if (!hasSchema(format)) return undefined;
  if (valueReadings) return valueReadings.of(format);
  throw new LoadFailure('INTERNAL', `format ${format.type} has no way to its schemas`);
}
