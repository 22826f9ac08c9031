import { afterEach, beforeEach } from 'vitest';
import type { Sink } from '../../../../../functions/loader/sinks/sink.ts';
import type { JobSpecInput } from '../../../../../functions/shared/domain/job-spec.ts';
import {
  type StarrocksDouble,
  startStarrocks,
} from '../../../../support/starrocks/starrocks-double.ts';
import { SECRET, type SinkOver, sinkOver } from '../../../../support/warehouse/sink-over.ts';

type Starrocks = Partial<NonNullable<JobSpecInput['destination']['starrocks']>>;

/** A cluster that is new for each test of the file that calls this, sinks over it, and what it holds. */
export function starrocksUnderTest() {
  let cluster: StarrocksDouble;
  beforeEach(async () => {
    cluster = await startStarrocks({ frontends: 2, backends: 1 });
  });
  afterEach(() => cluster.close());

  /** @param more settings of the destination, beside those that it must have */
  function destination(more: Starrocks = {}) {
    const needed = { tls: false, database: 'air', table: 'flights', secretArn: SECRET };
    return { starrocks: { frontends: cluster.addresses(), ...needed, ...more } };
  }

  return {
    starrocks: () => cluster,
    destination,
    sink: (more: Starrocks = {}, options: Partial<SinkOver> = {}): Sink =>
      sinkOver({ login: cluster.login, destination: destination(more), ...options }),
    visible: () => cluster.transactions.visible('flights'),
    states: () => cluster.transactions.all.map(({ state }) => state),
  };
}
