import { describe, expect, it } from 'vitest';
import type { Sink } from '../../../../../functions/loader/sinks/sink.ts';
import type { Transactions } from '../../../../support/warehouse/transactions.ts';
import { LABEL, prepare, ROWS } from './prepared-rows.ts';

interface Warehouse {
  readonly transactions: Transactions;
  failNext(fault: 'commit-publish-timeout' | 'die-before-commit' | 'unavailable'): void;
}

/** What is tried on each: its cluster as it is in the running test, and sinks over it. */
interface Tried {
  readonly warehouse: () => Warehouse;
  readonly sink: () => Sink;
  readonly visible: () => readonly string[];
  readonly states: () => readonly string[];
}

/** What sinks of warehouses promise alike, however their protocols differ. */
export function describeWarehouse({ warehouse, sink, visible, states }: Tried): void {
  describe('as in every warehouse', () => {
    it('a load is invisible until it is committed, and there once however often it is', async () => {
      const on = sink();
      const { handle } = await prepare(on);
      expect(states()).toEqual(['PRECOMMITTED']);
      expect(visible()).toEqual([]);

      expect(await on.commit(handle)).toEqual({ kind: 'committed' });
      expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
      expect(visible()).toEqual(ROWS);
    });

    it.each(['PRECOMMITTED', 'PREPARE'] as const)(
      'F15: a label whose transaction is %s already is given up',
      async (state) => {
        const held = warehouse().transactions.begin(LABEL, 'flights');
        if (held !== 'label-exists') held.state = state;
        await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
        expect(states()).toEqual(['ABORTED']);
      },
    );

    it('F15: nothing is loaded again under a label that is FINISHED', async () => {
      const held = warehouse().transactions.begin(LABEL, 'flights');
      if (held !== 'label-exists') held.state = 'VISIBLE';
      await expect(prepare(sink())).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
      await expect(sink().abort(LABEL)).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
      expect(states()).toEqual(['VISIBLE']);
    });

    it('F16: a commit counts as done when it is only not published everywhere', async () => {
      const on = sink();
      const { handle } = await prepare(on);
      warehouse().failNext('commit-publish-timeout');
      expect(await on.commit(handle)).toEqual({ kind: 'committed' });
      expect(visible()).toEqual(ROWS);
    });

    it('F18: servers that are down make a commit wait, which another finisher can make later', async () => {
      const { handle } = await prepare(sink());
      for (let i = 0; i < 4; i += 1) warehouse().failNext('die-before-commit');
      expect(await sink().commit(handle)).toMatchObject({ kind: 'retry-later' });
      expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
    });

    it('F18: servers are not up when something before them answers in their stead', async () => {
      const { handle } = await prepare(sink());
      for (let i = 0; i < 4; i += 1) warehouse().failNext('unavailable');
      expect(await sink().commit(handle)).toMatchObject({ kind: 'retry-later' });
      for (let i = 0; i < 4; i += 1) warehouse().failNext('unavailable');
      await expect(sink().open('rl_a_c_1')).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    });
  });
}
