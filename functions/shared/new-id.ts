import { monotonicFactory } from 'ulid';

/** A new ULID; ids of one process sort in the order in which they were made. */
export const newId: () => string = monotonicFactory();
