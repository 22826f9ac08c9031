import { describe, expect, it } from 'vitest';
import { dorisUnderTest } from './doris/doris-under-test.ts';
import { chunk, LABEL, prepare, ROWS } from './stream-load/prepared-rows.ts';

const { sink, states, doris, visible } = dorisUnderTest();

describe('F15: an answer to prepare that is lost', () => {
  it('gives up what was prepared, so that the next attempt finds nothing', async () => {
    doris().failNext('lose-load-answer');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    expect(states()).toEqual(['ABORTED']);
  });

  it('stays for the next attempt where Doris does not answer at all', async () => {
    const on = sink();
    const writer = await on.open(LABEL);
    await writer.write(chunk(ROWS));
    await Promise.all(doris().frontends.map((frontend) => frontend.stop()));
    doris().failNext('lose-load-answer');
    await expect(writer.prepare()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await writer.discard();
    expect(states()).toEqual(['PRECOMMITTED']);
    expect(visible()).toEqual([]);
  });

  it('is told from a load that was committed at once, which nothing can make exactly once', async () => {
    doris().failNext('ignore-two-phases');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' });
  });
});

describe('F16: a commit whose answer is lost', () => {
  it.each(['new', 'old', 'capital'] as const)(
    'is found out by doing it again, in the %s texts',
    async (style) => {
      doris().texts = style;
      const on = sink();
      const { handle } = await prepare(on);
      doris().failNext('lose-commit-answer');
      const first = await on.commit(handle);
      // The second frontend is asked at once, and says that it is done.
      expect(first).toEqual({ kind: 'already-committed' });
      expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
      expect(visible()).toEqual(ROWS);
    },
  );
});

describe('F17: a transaction that Doris has given up or forgotten', () => {
  it('is in doubt when it was aborted behind the decision', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    doris().transactions.expirePrepared();
    const outcome = await on.commit(handle);
    expect(outcome).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('not in the table'),
    });
    expect(visible()).toEqual([]);
  });

  it('is in doubt when its label is forgotten, whether or not it was committed', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    await on.commit(handle);
    doris().transactions.forget(LABEL);
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('nobody knows'),
    });
    expect(visible()).toEqual(ROWS);
  });

  it('asks the master for a label when another frontend was asked', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    doris().transactions.expirePrepared();
    doris().failNext('state-at-master');
    expect(await on.commit(handle)).toMatchObject({ kind: 'in-doubt' });
  });
});
