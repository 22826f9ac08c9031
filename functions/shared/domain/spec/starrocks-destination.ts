import * as z from 'zod';
import { fieldRules } from './field-rules.ts';
import { despiteFaults } from './sound-fields.ts';
import { columnName } from './value-format.ts';
import { onePartitionKind, sqlName, warehouse } from './warehouse.ts';

/** A table of StarRocks. What is left out is left to StarRocks' own defaults. */
export const starrocksDestination = z
  .strictObject({
    ...warehouse,
    partialUpdate: z.boolean().optional(),
    partialUpdateMode: z.enum(['row', 'column', 'auto', 'column_upsert']).optional(),
    mergeCondition: columnName.optional(),
    /** JSON only: loads of more than 100 MB in one piece. */
    ignoreJsonSize: z.boolean().optional(),
    /** CSV only. */
    trimSpace: z.boolean().optional(),
    /** Bytes. */
    loadMemLimit: z.int().min(1).optional(),
    logRejectedRecordNum: z.int().min(-1).optional(),
    warehouse: sqlName.optional(),
    /** Seconds without a request after which a begun transaction is given up. */
    idleTimeoutSeconds: z.int().min(1).max(259_200).optional(),
    /** Seconds that a prepared transaction is kept; StarRocks 3.5.4 and later. */
    preparedTimeoutSeconds: z.int().min(60).max(2_592_000).optional(),
  })
  .superRefine(fieldRules(onePartitionKind), despiteFaults);
export type StarrocksDestination = z.infer<typeof starrocksDestination>;
