import * as z from 'zod';

/** Each kind of destination with what names its table. */
const destination = z.record(
  z.string(),
  z.looseObject({
    table: z.string().optional(),
    database: z.string().optional(),
    namespace: z.string().optional(),
  }),
);

/** `file flights`, `doris air.flights`, of a specification's destination. @param name of the job: what a table is called that has no other name */
export function destinationText(given: object, name: string): string {
  const [[kind, settings] = ['?', {}]] = Object.entries(destination.parse(given));
  const { table = name, database, namespace = database } = settings;
  return `${kind} ${namespace === undefined ? '' : `${namespace}.`}${table}`;
}
