import type { Mutant } from './mutant.ts';
import { PROTOCOL_GUARDS } from './protocol-guards.ts';
import { STORE_GUARDS } from './store-guards.ts';

/** Every guard that is switched off in turn. */
export const MUTANTS: readonly Mutant[] = [...STORE_GUARDS, ...PROTOCOL_GUARDS];
