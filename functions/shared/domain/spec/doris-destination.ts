import * as z from 'zod';
import { headerText } from './header-text.ts';
import { columnName } from './value-format.ts';
import { sqlName, warehouse, warehouseFaults } from './warehouse.ts';

/** A table of Apache Doris. What is left out is left to Doris' own defaults. */
export const dorisDestination = z
  .strictObject({
    ...warehouse,
    mergeType: z.enum(['APPEND', 'DELETE', 'MERGE']).optional(),
    /** The condition by which a row deletes; `mergeType` MERGE only. */
    deleteOn: headerText.optional(),
    sequenceColumn: columnName.optional(),
    hiddenColumns: z.array(columnName).min(1).max(10).optional(),
    partialColumns: z.boolean().optional(),
    uniqueKeyUpdateMode: z
      .enum(['UPSERT', 'UPDATE_FIXED_COLUMNS', 'UPDATE_FLEXIBLE_COLUMNS'])
      .optional(),
    partialUpdateNewKeyBehavior: z.enum(['APPEND', 'ERROR']).optional(),
    numAsString: z.boolean().optional(),
    fuzzyParse: z.boolean().optional(),
    /** CSV only. */
    trimDoubleQuotes: z.boolean().optional(),
    emptyFieldAsNull: z.boolean().optional(),
    sendBatchParallelism: z.int().min(1).max(1_000).optional(),
    loadToSingleTablet: z.boolean().optional(),
    /** Bytes. */
    execMemLimit: z.int().min(1).optional(),
    computeGroup: sqlName.optional(),
  })
  .superRefine((given, context) => {
    for (const [field, message] of [...warehouseFaults(given), ...mergeFaults(given)]) {
      context.addIssue({ code: 'custom', path: [field], message });
    }
  });
export type DorisDestination = z.infer<typeof dorisDestination>;

/** Doris' own rules, told when the job is created rather than by its first slice. */
function mergeFaults(given: {
  readonly mergeType?: string | undefined;
  readonly deleteOn?: string | undefined;
  readonly partialColumns?: boolean | undefined;
  readonly uniqueKeyUpdateMode?: string | undefined;
}): [path: string, message: string][] {
  const faults: [string, string][] = [];
  const merges = given.mergeType === 'MERGE';
  if (merges && given.deleteOn === undefined) {
    faults.push(['deleteOn', 'is required: mergeType MERGE must know which rows delete']);
  }
  if (!merges && given.deleteOn !== undefined) {
    faults.push(['deleteOn', 'is for mergeType MERGE only']);
  }
  if (given.partialColumns !== undefined && given.uniqueKeyUpdateMode !== undefined) {
    faults.push(['partialColumns', 'cannot be given beside uniqueKeyUpdateMode']);
  }
  return faults;
}
