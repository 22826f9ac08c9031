import { FILE_GUARDS } from './file-guards.ts';
import type { Mutant } from './mutant.ts';
import { OBJECT_GUARDS } from './object-guards.ts';
import { PERIOD_GUARDS } from './period-guards.ts';
import { PROTOCOL_GUARDS } from './protocol-guards.ts';
import { REDRIVE_GUARDS } from './redrive-guards.ts';
import { STORE_GUARDS } from './store-guards.ts';
import { TABLE_GUARDS } from './table-guards.ts';
import { TOPIC_GUARDS } from './topic-guards.ts';
import { WAREHOUSE_GUARDS } from './warehouse-guards.ts';

/** Every guard that is switched off in turn. */
export const MUTANTS: readonly Mutant[] = [
  ...STORE_GUARDS,
  ...PROTOCOL_GUARDS,
  ...REDRIVE_GUARDS,
  ...TOPIC_GUARDS,
  ...OBJECT_GUARDS,
  ...WAREHOUSE_GUARDS,
  ...FILE_GUARDS,
  ...PERIOD_GUARDS,
  ...TABLE_GUARDS,
];
