import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../chaos/random.ts';

const seed = fc.nat(2 ** 32 - 1);

describe('chance', () => {
  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const numbers = () => {
          const random = new Random(from);
          return [random.next(), random.between(3, 9), random.fork().next(), random.next()];
        };
        expect(numbers()).toEqual(numbers());
      }),
    );
  });

  it('stays within its bounds, and meets them', () => {
    const random = new Random(1);
    const met = new Set(Array.from({ length: 500 }, () => random.between(-1, 2)));
    expect([...met].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });

  it('shuffles without losing anything, and differently each time', () => {
    const list = Array.from({ length: 50 }, (_, i) => i);
    const random = new Random(2);
    const orders = [random.shuffled(list), random.shuffled(list)];
    for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual(list);
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it('picks nothing out of nothing', () => {
    expect(new Random(3).pick([])).toBeUndefined();
  });
});
