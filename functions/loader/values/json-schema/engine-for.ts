import { Ajv, type AnySchemaObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import addFormats from 'ajv-formats';
import { draft4Engine } from './draft-4.ts';

const OPTIONS: Options = { strict: false, logger: false, validateFormats: true };

/** Up to draft 7 a schema with `$ref` is that reference and nothing else; later its other keywords count, too. */
const UP_TO_7: Options = { ...OPTIONS, ignoreKeywordsWithRef: true };

/** What validates by one draft, and the keyword by which a schema of it says its address. */
export interface Engine {
  readonly ajv: Ajv;
  readonly address: 'id' | '$id';
}

/** How a schema says its draft, in its `$schema`. */
const DRAFTS: readonly (readonly [words: string, make: () => Engine])[] = [
  ['2020-12', () => ({ ajv: new Ajv2020(OPTIONS), address: '$id' })],
  ['2019-09', () => ({ ajv: new Ajv2019(OPTIONS), address: '$id' })],
  ['draft-07', () => ({ ajv: draft7Engine(), address: '$id' })],
  ['draft-06', () => ({ ajv: draft6Engine(), address: '$id' })],
  ['draft-04', () => ({ ajv: draft4Engine(UP_TO_7), address: 'id' })],
];

/**
 * The engine for the draft that a schema names, with the usual formats. A schema that names none is of draft 7,
 * as Confluent's registry takes it.
 *
 * @throws {Error} for another draft
 */
export function engineFor(schema: AnySchemaObject | boolean): Engine {
  const named = typeof schema === 'object' ? String(schema.$schema ?? '') : '';
  const draft = DRAFTS.find(([words]) => (named || 'draft-07').includes(words));
  if (!draft) throw new Error(`its draft must be 4, 6, 7, 2019-09 or 2020-12, got ${named}`);
  const engine = draft[1]();
  // The packages' types are of two module systems, and do not meet.
  (addFormats as unknown as (ajv: Ajv) => void)(engine.ajv);
  return engine;
}

/** Knows the meta-schema of draft 6, too: what a schema refers to may be older. `id` was a name of draft 4 only. */
function draft7Engine(): Ajv {
  return new Ajv(UP_TO_7).removeKeyword('id').addMetaSchema(draft6);
}

function draft6Engine(): Ajv {
  const ajv = draft7Engine();
  for (const later of ['if', 'then', 'else']) ajv.removeKeyword(later);
  return ajv;
}
