import { LoadFailure } from '#shared/domain/failure.ts';
import { OutcomeUnknown, type Page, type Tables, type Write } from '#shared/store/tables.ts';

/**
 * What DynamoDB does and DynamoDB Local never: a layer around any {@link Tables}.
 *
 * - `unavailable`: refused, nothing done (throttled);
 * - `lost-before`: the answer is unknown, nothing was done;
 * - `lost-after`: the answer is unknown, the write took effect;
 * - `late`: the answer is unknown, the write arrives only before the call after the next;
 * - `repeated`: took effect, the answer was lost and the client repeated it silently: its condition fails
 *   by its own doing. A transaction is repeated as after its token was forgotten;
 * - `stale`: an index answers as it did to the same question before, or with nothing.
 */
export type Fault = 'unavailable' | 'lost-before' | 'lost-after' | 'late' | 'repeated' | 'stale';

/** One call of the layer; `number` counts them from 0. */
interface Call {
  readonly number: number;
  readonly method: keyof Tables;
  readonly writes: readonly Write[];
}

/** Says which fault befalls a call, if any. */
export type ChooseFault = (call: Call) => Fault | undefined;

/** The layer. */
export interface FaultyTables extends Tables {
  /** Lets the late writes that have not arrived yet arrive. */
  arrive(): Promise<void>;
}

/** The faults that can befall a call. */
function possibleFaults({ method }: Pick<Call, 'method'>): readonly Fault[] {
  switch (method) {
    case 'write':
    case 'transact':
      return ['unavailable', 'lost-before', 'lost-after', 'late', 'repeated'];
    case 'queryIndex':
      return ['unavailable', 'stale'];
    case 'get':
    case 'query':
      return ['unavailable'];
  }
}

/** The n-th write or transaction meets the n-th fault of the list; reads meet none. */
export function faultsOfWrites(...faults: readonly (Fault | undefined)[]): ChooseFault {
  let writes = 0;
  return ({ method }) => {
    if (method !== 'write' && method !== 'transact') return undefined;
    writes += 1;
    return faults[writes - 1];
  };
}

/** A fault with probability `rate` a call, of the possible ones; `random` gives [0, 1). */
export function randomFaults(random: () => number, rate: number): ChooseFault {
  return (call) => {
    if (random() >= rate) return undefined;
    const possible = possibleFaults(call);
    return possible[Math.floor(random() * possible.length)];
  };
}

interface LateWrite {
  readonly dueAt: number;
  readonly arrive: () => Promise<unknown>;
}

/** `tables` with the faults that `choose` sends. @throws {TypeError} at a call that the chosen fault cannot befall */
export function makeFaultyTables(tables: Tables, choose: ChooseFault): FaultyTables {
  let calls = 0;
  let late: LateWrite[] = [];
  const answers = new Map<string, Page>();

  async function arrive(before: number): Promise<void> {
    const due = late.filter(({ dueAt }) => dueAt <= before);
    late = late.filter(({ dueAt }) => dueAt > before);
    // Whether its condition still holds is nobody's business any more.
    for (const write of due) await write.arrive().catch(() => undefined);
  }

  async function next(method: Call['method'], writes: readonly Write[] = []) {
    const call = { number: calls, method, writes };
    calls += 1;
    if (late.length > 0) await arrive(call.number);
    const fault = choose(call);
    if (fault && !possibleFaults(call).includes(fault)) {
      throw new TypeError(`fault ${fault} cannot befall ${method}`);
    }
    if (fault === 'unavailable') {
      throw new LoadFailure('STORE_UNAVAILABLE', `injected: ${method} was throttled`);
    }
    return { fault, number: call.number };
  }

  async function faultyWrite<T>(
    { fault, number }: { readonly fault: Fault | undefined; readonly number: number },
    send: () => Promise<T>,
    sendAgain: () => Promise<T>,
  ): Promise<T> {
    switch (fault) {
      case 'lost-before':
        throw new OutcomeUnknown(new Error('injected: lost before it was applied'));
      case 'lost-after':
        await send();
        throw new OutcomeUnknown(new Error('injected: lost after it was applied'));
      case 'late':
        late.push({ dueAt: number + 2, arrive: send });
        throw new OutcomeUnknown(new Error('injected: still under way'));
      case 'repeated':
        await send();
        return sendAgain();
      default:
        return send();
    }
  }

  return {
    arrive: () => arrive(Number.POSITIVE_INFINITY),
    async get(key) {
      await next('get');
      return tables.get(key);
    },
    async query(table, pk, options) {
      await next('query');
      return tables.query(table, pk, options);
    },
    async queryIndex(index, hash, options) {
      const { fault } = await next('queryIndex');
      const question = JSON.stringify([index, hash, options]);
      if (fault === 'stale') return answers.get(question) ?? { items: [] };
      const answer = await tables.queryIndex(index, hash, options);
      answers.set(question, answer);
      return answer;
    },
    async write(write) {
      const send = () => tables.write(write);
      return faultyWrite(await next('write', [write]), send, send);
    },
    async transact(writes, token) {
      const call = await next('transact', writes);
      return faultyWrite(
        call,
        () => tables.transact(writes, token),
        () => tables.transact(writes, `again-${call.number}-${token}`.slice(0, 36)),
      );
    },
  };
}

/** The faults after which a writer does not know, or wrongly hears, what became of its write. */
export const LOST_ANSWERS = ['lost-before', 'lost-after', 'late', 'repeated'] as const;

/**
 * The first write takes effect and its answer is lost; then `between` happens, and only then the writer's
 * next try arrives, after its token was forgotten.
 */
export function makeInterruptedTables(tables: Tables, between: () => Promise<unknown>): Tables {
  let isFirst = true;
  async function interrupted<T>(send: () => Promise<T>): Promise<void> {
    if (!isFirst) return;
    isFirst = false;
    await send();
    await between();
    throw new OutcomeUnknown(new Error('injected: lost after it was applied'));
  }
  return {
    ...tables,
    async write(write) {
      await interrupted(() => tables.write(write));
      return tables.write(write);
    },
    async transact(writes, token) {
      await interrupted(() => tables.transact(writes, token));
      return tables.transact(writes, `late-${token}`.slice(0, 36));
    },
  };
}
