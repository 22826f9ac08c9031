import { afterEach, beforeEach } from 'vitest';
import type { Sink } from '../../../../../functions/loader/sinks/sink.ts';
import type { JobSpecInput } from '../../../../../functions/shared/domain/job-spec.ts';
import { type DorisDouble, startDoris } from '../../../../support/doris/doris-double.ts';
import { SECRET, type SinkOver, sinkOver } from '../../../../support/warehouse/sink-over.ts';

type Doris = Partial<NonNullable<JobSpecInput['destination']['doris']>>;

/** A cluster that is new for each test of the file that calls this, sinks over it, and what it holds. */
export function dorisUnderTest() {
  let cluster: DorisDouble;
  beforeEach(async () => {
    cluster = await startDoris({ frontends: 2, backends: 2 });
  });
  afterEach(() => cluster.close());

  /** @param more settings of the destination, beside those that it must have */
  function destination(more: Doris = {}) {
    const needed = { tls: false, database: 'air', table: 'flights', secretArn: SECRET };
    return { doris: { frontends: cluster.addresses(), ...needed, ...more } };
  }

  return {
    doris: () => cluster,
    destination,
    sink: (more: Doris = {}, options: Partial<SinkOver> = {}): Sink =>
      sinkOver({ login: cluster.login, destination: destination(more), ...options }),
    visible: () => cluster.transactions.visible('flights'),
    states: () => cluster.transactions.all.map(({ state }) => state),
  };
}
