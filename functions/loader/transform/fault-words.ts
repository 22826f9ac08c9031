import { LoadFailure } from '#shared/domain/failure.ts';
import { excerpt } from '../rows/bad-rows.ts';
import type { Engine } from './engine.ts';
import { valueFault } from './engine-failure.ts';
import type { RowFaultKind } from './fault-case.ts';
import type { SpoolPlace, Statements } from './statements.ts';

/** What follows names a column of the spool, which the user never saw. */
const OWN_NAME = / when casting from source column .*$/;

/** So many bad rows of a slice have the engine's own words: each costs another reading of its chunk. */
const EXAMPLES = 3;

/** Asks the engine what is wrong with the first bad rows of a slice, e.g. "Could not convert string 'x' to INT32". */
export class FaultWords {
  readonly #engine: Engine;
  readonly #statements: Statements;
  #asked = 0;

  constructor(engine: Engine, statements: Statements) {
    this.#engine = engine;
    this.#statements = statements;
  }

  /** @returns the reason of a fault, with the engine's words where there are any */
  async reasonOf(fault: RowFaultKind, place: SpoolPlace): Promise<string> {
    if (fault.sql === undefined || this.#asked >= EXAMPLES) return fault.reason;
    this.#asked += 1;
    try {
      await this.#engine.rows(this.#statements.again(fault, place));
      return fault.reason;
    } catch (error) {
      if (!(error instanceof LoadFailure) || error.cause === undefined) throw error;
      const said = valueFault(error.cause);
      if (said === undefined) return fault.reason;
      const words = Buffer.from(said.replace(OWN_NAME, ''));
      return `${fault.reason}: ${excerpt(words, 0, words.length)}`;
    }
  }
}
