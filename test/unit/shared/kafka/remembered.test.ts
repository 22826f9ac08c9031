import { expect, test } from 'vitest';
import { remembered } from '#shared/kafka/remembered.ts';

const clock = { now: () => 0, sleep: async () => {} };

test('questions at once share one answer', async () => {
  const asked: string[] = [];
  const memory = remembered(async (key) => asked.push(key), { keepMs: 10, clock });
  await Promise.all([memory.get('a'), memory.get('a'), memory.get('b')]);
  expect(asked).toEqual(['a', 'b']);
});

test('a failure is not kept, and one that comes late forgets nothing newer', async () => {
  const rejections: ((reason: Error) => void)[] = [];
  let answers = 0;
  const memory = remembered(
    () =>
      answers++ === 0
        ? new Promise<string>((_, reject) => rejections.push(reject))
        : Promise.resolve('new'),
    { keepMs: 10, clock },
  );
  const first = memory.get('a');
  memory.drop('a');
  const second = memory.get('a');
  rejections[0]?.(new Error('late'));
  await expect(first).rejects.toThrow('late');
  expect(await second).toBe('new');
  expect(await memory.get('a')).toBe('new');
  expect(answers).toBe(2);
});
