import { LoadFailure } from '#shared/domain/failure.ts';
import type { HttpAnswer, Upload } from '#shared/warehouse/exchange.ts';
import { frontendTurns } from '#shared/warehouse/frontend-turns.ts';
import type { WarehouseLink } from '../../../../../functions/loader/sinks/stream-load/warehouse-link.ts';
import type { OpenLoad, Warehouse, WarehouseRequest } from './warehouse.ts';

/** What brings a request to a server of the warehouse. `isPrivate`: nobody but its sender notices when it arrives. */
export type Exchange = <T>(what: string, isPrivate: boolean, effect: () => T) => Promise<T>;

const FRONTENDS = ['fe-1', 'fe-2'].map((host) => ({ host, port: 8030, tls: false }));

/**
 * A link to a warehouse in memory. As the product's own, it asks one frontend after the other while none answers: so
 * a request whose answer is lost is sent again.
 */
export function linkDouble(warehouse: Warehouse, exchange: Exchange): WarehouseLink {
  const inTurn = frontendTurns(FRONTENDS);
  return {
    ask: (request) =>
      inTurn(async ({ host }) =>
        answered(
          await exchange(`${host} ${request.method} ${request.path} ${about(request)}`, false, () =>
            warehouse.ask(request),
          ),
        ),
      ),
    upload: (request) =>
      inTurn(async ({ host }) => {
        const what = `${host} ${request.method} ${request.path} ${about(request)}`;
        return uploadOf(await exchange(what, false, () => warehouse.load(request)), exchange);
      }),
    read: async () => '',
  };
}

function uploadOf(load: OpenLoad, exchange: Exchange): Upload {
  let body = '';
  return {
    early: load.early && answered(load.early),
    write: (chunk) =>
      exchange('rows', true, () => {
        body += Buffer.from(chunk).toString();
        return load.early === undefined;
      }),
    finish: async () => answered(await exchange('end of rows', false, () => load.finish(body))),
    destroy: () => load.breakOff(),
  };
}

function answered(body: object): HttpAnswer {
  return { status: 200, location: undefined, body: JSON.stringify(body) };
}

function about({ headers }: WarehouseRequest): string {
  const { label, txn_id: id, txn_operation: operation } = headers;
  return [operation, id, label].filter((text) => text !== undefined).join(' ');
}

/** What the link throws where no server answers. */
export function noAnswer(): LoadFailure {
  return new LoadFailure('SINK_UNREACHABLE', 'the destination cannot be reached');
}
