/** How a slice is fetched. Sizes in bytes, times in ms. */
export interface FetchSettings {
  /** All answers that may be under way at once, over all brokers. */
  readonly inFlightBytes: number;
  /** One answer. */
  readonly answerBytes: number;
  /** One partition's part of an answer that several partitions share. */
  readonly partitionBytes: number;
  /** A batch, as it comes and decompressed; above it reading fails with RECORD_TOO_LARGE. */
  readonly maxBatchBytes: number;
  /** How long a broker may wait for records before it answers without any. */
  readonly maxWaitMs: number;
  /** First pause after trouble with a broker; doubles up to `longestBackoffMs`. */
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /**
   * How long nothing may arrive before reading fails. Shorter than a task's lease, so that the reason is
   * told and not only that the loader was lost.
   */
  readonly patienceMs: number;
  /** Where this reader stands, for fetching from the closest replica (KIP-392); empty: from the leaders. */
  readonly rackId: string;
}

const MIB = 1024 * 1024;

/** The defaults: a loader holds at most about 64 MiB of answers, whatever the size of its slice. */
export const DEFAULT_FETCH_SETTINGS: FetchSettings = {
  inFlightBytes: 32 * MIB,
  answerBytes: 16 * MIB,
  partitionBytes: 4 * MIB,
  maxBatchBytes: 128 * MIB,
  maxWaitMs: 500,
  firstBackoffMs: 100,
  longestBackoffMs: 2_000,
  patienceMs: 30_000,
  rackId: '',
};
