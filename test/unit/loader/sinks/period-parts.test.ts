import { describe, expect, it } from 'vitest';
import { PeriodParts } from '../../../../functions/loader/sinks/period-parts.ts';

/** Parts in memory, whose preparation a test lets go on. `left`: what of them is there. */
function memoryParts({ failing }: { readonly failing?: string } = {}) {
  const left = new Map<string, string>();
  const waiting: (() => void)[] = [];
  let mostAtOnce = 0;
  let atOnce = 0;
  const parts = new PeriodParts({
    open: async (period) => {
      left.set(period, '');
      return {
        isEmpty: false,
        write: async (chunk: Uint8Array) =>
          void left.set(period, `${left.get(period)}${Buffer.from(chunk)}`),
        prepare: async () => {
          atOnce += 1;
          mostAtOnce = Math.max(mostAtOnce, atOnce);
          await new Promise<void>((resolve) => waiting.push(resolve));
          atOnce -= 1;
          if (period === failing) throw new Error(`no ${period}`);
          return { period };
        },
        discard: async () => void left.delete(period),
      };
    },
    remove: async ({ period }: { period: string }) => void left.delete(period),
    handleOf: (prepared) => ({ periods: prepared.map(([period]) => period).join(' ') }),
  });
  /** Ends work with all preparations going on, the last one first. */
  async function finished<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    while (!isOver) {
      waiting.pop()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return work;
  }
  const writeAll = async (periods: readonly string[]) => {
    for (const period of periods) {
      await parts.write(Buffer.from('a'), period);
      await parts.write(Buffer.from('b'), period);
    }
    return parts.prepare();
  };
  return { parts, left, finished, writeAll, mostAtOnce: () => mostAtOnce };
}

const DAYS = Array.from({ length: 12 }, (_, n) => `2026-01-${String(n + 1).padStart(2, '0')}`);

describe('parts of periods', () => {
  it('are in the handle in the order in which they were written, whichever was prepared first', async () => {
    const { left, finished, writeAll } = memoryParts();
    expect(await finished(writeAll(DAYS))).toEqual({ periods: DAYS.join(' ') });
    expect([...left]).toEqual(DAYS.map((day) => [day, 'ab']));
  });

  it('are prepared a few at once, however many there are', async () => {
    const { finished, writeAll, mostAtOnce } = memoryParts();
    await finished(writeAll(DAYS));
    expect(mostAtOnce()).toBe(4);
  });

  it.each([DAYS[0]!, DAYS[5]!, DAYS[11]!])(
    'are an error when that of %s cannot be prepared, and nothing is left',
    async (failing) => {
      const { parts, left, finished, writeAll } = memoryParts({ failing });
      await expect(finished(writeAll(DAYS))).rejects.toThrow(`no ${failing}`);
      await finished(parts.discard());
      expect([...left]).toEqual([]);
    },
  );

  it('that were never written to are empty', async () => {
    const { parts, finished, writeAll } = memoryParts();
    expect(parts.isEmpty).toBe(true);
    await finished(writeAll(DAYS.slice(0, 1)));
    expect(parts.isEmpty).toBe(false);
  });
});
