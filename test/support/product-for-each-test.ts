import { afterEach, beforeEach, inject } from 'vitest';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { apiOver, type Call } from './api-calls.ts';
import { freshTables, type Product, startProduct } from './product.ts';

/** What each of a file's tests has of its own. */
export interface OwnProduct {
  readonly product: Product;
  readonly tables: Tables;
  /** The API, by the product's clock. */
  readonly call: Call;
}

/** The product over new tables of DynamoDB Local for each of the file's tests; its fields are for use inside of them. */
export function productForEachTest(): OwnProduct {
  const own = {} as { -readonly [Field in keyof OwnProduct]: OwnProduct[Field] };
  beforeEach(async () => {
    own.tables = await freshTables(inject('dynamodbEndpoint'));
    own.product = await startProduct(own.tables);
    own.call = apiOver(own.tables, { clock: own.product.clock }).call;
  });
  afterEach(() => own.product.close());
  return own;
}

/** Records whose values are `{"n": from}` up to `{"n": to - 1}`. */
export function numberedRows(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => ({ value: JSON.stringify({ n: from + i }) }));
}

/** The numbers that a table holds, sorted. */
export async function numbersIn({ lines }: Product, table: string): Promise<number[]> {
  return (await lines(table)).map((line) => JSON.parse(line).n).sort((a, b) => a - b);
}
