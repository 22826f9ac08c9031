import type { Transaction } from '../../../../support/warehouse/transactions.ts';

/** A request as it gets to a warehouse's server. */
export interface WarehouseRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A load whose rows are still to come. */
export interface OpenLoad {
  /** The answer where it came before any row was asked for. */
  readonly early: object | undefined;
  /** Takes all rows, and answers. */
  finish(body: string): object;
  /** The connection broke before the load's end. */
  breakOff(): void;
}

/** What befalls a request at the server, besides being lost. */
export interface Oddities {
  /** Whether it is refused for a reason that passes. */
  refuses(): boolean;
  /** Whether what is committed takes its time to become visible. */
  isSlowToPublish(): boolean;
}

/** Doris or StarRocks, without the HTTP in between. Whatever it is asked takes effect at once. */
export interface Warehouse {
  ask(request: WarehouseRequest): object;
  load(request: WarehouseRequest): OpenLoad;
  /** The transaction that a request is about, for the commits and aborts among them. */
  target(request: WarehouseRequest): { what: 'commit' | 'abort'; of: Transaction } | undefined;
}

/** The label that a request for a label's state is about. */
export function labelAsked(path: string): string | undefined {
  return path.includes('/get_load_state?')
    ? (new URL(path, 'http://fe').searchParams.get('label') ?? '')
    : undefined;
}
