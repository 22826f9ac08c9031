import * as z from 'zod';
import { dorisDestination } from './doris-destination.ts';
import { fileDestination } from './file-destination.ts';
import { icebergDestination } from './iceberg-destination.ts';
import { s3Destination } from './s3-destination.ts';
import { starrocksDestination } from './starrocks-destination.ts';

const destinations = z.strictObject({
  file: fileDestination.optional(),
  s3: s3Destination.optional(),
  doris: dorisDestination.optional(),
  starrocks: starrocksDestination.optional(),
  iceberg: icebergDestination.optional(),
});

/** Where rows can go. */
export const DESTINATIONS = Object.keys(destinations.shape) as readonly DestinationKind[];
export type DestinationKind = keyof typeof destinations.shape;

/** Looked at before the destinations themselves, so that two of them are one fault, and not a list of many. */
const exactlyOne = z.custom<z.input<typeof destinations>>().superRefine((given, context) => {
  // What is no object is the next schema's to refuse.
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return;
  const named = DESTINATIONS.filter((kind) => given[kind] !== undefined);
  if (named.length === 1) return;
  const got = named.length === 0 ? 'none' : named.join(' and ');
  context.addIssue({
    code: 'custom',
    message: `must have exactly one of ${DESTINATIONS.join(', ')}, got ${got}`,
  });
});

/** Where the rows go: an object with exactly one of the fields. */
export const destination = exactlyOne.pipe(destinations);
export type Destination = z.infer<typeof destination>;
