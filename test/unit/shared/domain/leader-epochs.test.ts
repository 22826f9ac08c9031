import { expect, it } from 'vitest';
import { epochsOf, epochsWithout, movedEpochs } from '#shared/domain/leader-epochs.ts';
import { offsets } from '../../../support/store-examples.ts';

const known = new Map([
  [1, 4],
  [2, 5],
]);

it('a lane knows of each partition that moved what the decision says, and of the others what it knew', () => {
  const to = offsets({ 1: 20, 3: 30 });
  expect(movedEpochs(known, { to, epochs: new Map([[3, 9]]) })).toEqual(
    new Map([
      [2, 5],
      [3, 9],
    ]),
  );
  expect(movedEpochs(undefined, { to, epochs: new Map([[1, 6]]) })).toEqual(new Map([[1, 6]]));
  expect(movedEpochs(known, { to: offsets({ 1: 1, 2: 1 }) })).toBeUndefined();
});

it('some of them, or all but some, are nothing where none is left', () => {
  expect(epochsOf(known, [2, 7])).toEqual(new Map([[2, 5]]));
  expect(epochsOf(known, [7])).toBeUndefined();
  expect(epochsOf(undefined, [1])).toBeUndefined();
  expect(epochsWithout(known, [2, 7])).toEqual(new Map([[1, 4]]));
  expect(epochsWithout(known, [1, 2])).toBeUndefined();
  expect(epochsWithout(undefined, [1])).toBeUndefined();
});
