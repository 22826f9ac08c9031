import type { Tables } from '#shared/store/tables.ts';

/** New and empty tables for every test of a suite that runs on several stores. */
export type MakeTables = () => Promise<Tables>;
