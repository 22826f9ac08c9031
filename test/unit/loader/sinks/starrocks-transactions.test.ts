import { describe, expect, it } from 'vitest';
import { starrocksUnderTest } from './starrocks/starrocks-under-test.ts';
import { chunk, LABEL, prepare, ROWS } from './stream-load/prepared-rows.ts';

const { sink, states, starrocks, visible } = starrocksUnderTest();

describe('F15: an answer to prepare that is lost', () => {
  it('fails the attempt, and what was prepared is rolled back', async () => {
    const on = sink();
    starrocks().failNext('lose-prepare-answer');
    starrocks().failNext('lose-prepare-answer');
    starrocks().failNext('lose-prepare-answer');
    starrocks().failNext('lose-prepare-answer');
    const writer = await on.open(LABEL);
    await writer.write(chunk(ROWS));
    await expect(writer.prepare()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    await writer.discard();
    expect(states()).toEqual(['ABORTED']);
  });
});

describe('F16: a commit whose answer is lost', () => {
  it('is found out by doing it again', async () => {
    const on = sink();
    const { handle } = await prepare(on);
    starrocks().failNext('lose-commit-answer');
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
    expect(visible()).toEqual(ROWS);
  });
});

describe('F17: a transaction that StarRocks has given up or forgotten', () => {
  it.each(['state', 'data'] as const)('is in doubt, as its label says in "%s"', async (style) => {
    starrocks().stateStyle = style;
    const on = sink();
    const { handle } = await prepare(on);
    starrocks().transactions.expirePrepared();
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('not in the table'),
    });
    starrocks().transactions.forget(LABEL);
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringContaining('nobody knows'),
    });
  });

  it('can be tried again while nothing is decided', async () => {
    starrocks().failNext('gone-before-prepare');
    await expect(prepare(sink())).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });
});
