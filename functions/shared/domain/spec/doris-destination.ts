import * as z from 'zod';
import { type FieldRule, fieldRules } from './field-rules.ts';
import { headerText } from './header-text.ts';
import { despiteFaults } from './sound-fields.ts';
import { columnName } from './value-format.ts';
import { onePartitionKind, sqlName, warehouse } from './warehouse.ts';

const settings = z.strictObject({
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
});
export type DorisDestination = z.infer<typeof settings>;

/** Doris' own rules, told when the job is created rather than by its first slice. */

const deletionOfMerge: FieldRule<DorisDestination> = {
  needs: ['mergeType', 'deleteOn'],
  fault({ mergeType, deleteOn }) {
    const merges = mergeType === 'MERGE';
    if (merges === (deleteOn !== undefined)) return undefined;
    return merges
      ? ['deleteOn', 'is required: mergeType MERGE must know which rows delete']
      : ['deleteOn', 'is for mergeType MERGE only'];
  },
};

const oneUpdateMode: FieldRule<DorisDestination> = {
  needs: ['partialColumns', 'uniqueKeyUpdateMode'],
  fault: ({ partialColumns, uniqueKeyUpdateMode }) =>
    partialColumns !== undefined && uniqueKeyUpdateMode !== undefined
      ? ['partialColumns', 'cannot be given beside uniqueKeyUpdateMode']
      : undefined,
};

/** A table of Apache Doris. What is left out is left to Doris' own defaults. */
export const dorisDestination = settings.superRefine(
  fieldRules<DorisDestination>(onePartitionKind, deletionOfMerge, oneUpdateMode),
  despiteFaults,
);
