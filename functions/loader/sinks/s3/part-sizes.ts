/** S3 takes parts of 5 MiB or more, the last one excepted; fewer and larger ones cost less. */
const FIRST_BYTES = 8_388_608;

/**
 * After so many parts they become twice as large: 800 parts make 24 GB, so that their ETags fit a task's record
 * whatever a slice grows to, and a small slice's loader holds no more than 8 MiB of it.
 */
const STEP_PARTS = 200;

/** The size of part `number`, which counts from 1. */
export function partBytes(number: number, first: number = FIRST_BYTES): number {
  return first * 2 ** Math.floor((number - 1) / STEP_PARTS);
}
