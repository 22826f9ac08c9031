import type { FinishingConsumer, RecordView } from '../records.ts';
import { keptRecord } from './kept-record.ts';
import type { ValueReading } from './value-reading.ts';

/** What {@link awaitingSchemas} needs. */
export interface AwaitingOptions {
  readonly reading: ValueReading;
  /** Called whenever a schema came. */
  readonly onProgress: () => void;
}

/**
 * A consumer that gives `rows` no record before its schema is known.
 *
 * Records come synchronously and schemas do not. From the first record of an unknown schema on, the records of its
 * batch are copied, and handed on in their order when the batch is through. So the memory is bounded by a batch,
 * and nothing is copied once a topic's schemas are known.
 */
export function awaitingSchemas<T>(
  rows: FinishingConsumer<T>,
  options: AwaitingOptions,
): FinishingConsumer<T> {
  const { framing, schemas } = options.reading;
  let kept: RecordView[] = [];
  let passing: Promise<void> | undefined;

  function unknownIn(record: RecordView) {
    if (record.valueEnd <= record.valueStart) return undefined;
    const id = framing.schemaOf(record);
    return id === undefined || schemas.get(id) !== undefined ? undefined : id;
  }

  async function passOn(): Promise<void> {
    // What a failure leaves stays in its order: none is handed on twice.
    const waiting = kept.values();
    let passed = 0;
    try {
      for (const record of waiting) {
        for (let id = unknownIn(record); id !== undefined; id = unknownIn(record)) {
          await schemas.load(id);
          options.onProgress();
        }
        rows.accept(record);
        passed += 1;
      }
    } finally {
      kept = kept.slice(passed);
    }
  }

  /** Asked for while it is under way, it is done once. */
  function settle(): Promise<void> {
    if (kept.length === 0) return Promise.resolve();
    passing ??= passOn().finally(() => {
      passing = undefined;
    });
    return passing;
  }

  return {
    accept(record) {
      if (kept.length > 0 || unknownIn(record) !== undefined) kept.push(keptRecord(record));
      else rows.accept(record);
    },
    // Where it stands among the records of its partition matters to nobody: it makes no row.
    passOver: (records) => rows.passOver?.(records) ?? false,
    async drain() {
      await settle();
      return rows.drain();
    },
    async finish() {
      await settle();
      return rows.finish();
    },
  };
}
