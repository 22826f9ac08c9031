import { expect, it } from 'vitest';
import { divideTime, type TimeShare } from '#shared/observe/lambda-time.ts';

/** Work that goes on until it is ended. */
function running(lambda: ReturnType<typeof divideTime>) {
  const end = Promise.withResolvers<void>();
  let share: TimeShare | undefined;
  const done = lambda.during(async (mine) => {
    share = mine;
    await end.promise;
  });
  return {
    take: () => share?.take(),
    async end() {
      end.resolve();
      await done;
    },
  };
}

it('charges memory times time, each stretch once', async () => {
  let now = 0;
  const work = running(divideTime({ now: () => now }, 2_048));
  now = 3_000;
  expect(work.take()).toBe(6);
  expect(work.take()).toBe(0);
  now = 3_500;
  expect(work.take()).toBe(1);
  await work.end();
});

it('divides the time among those that run at once, so that together they cost what the invocation costs', async () => {
  let now = 0;
  const lambda = divideTime({ now: () => now }, 1_024);
  const first = running(lambda);
  now = 1_000;
  const second = running(lambda);
  now = 3_000;
  const taken = first.take();
  await first.end();
  now = 4_000;

  expect(taken).toBe(2);
  expect(second.take()).toBe(2);
  await second.end();
});

it('charges nobody where Lambda says no memory, nor for a clock that goes back', async () => {
  let now = 5_000;
  const free = running(divideTime({ now: () => now }));
  const charged = running(divideTime({ now: () => now }, 1_024));
  now = 4_000;
  expect(charged.take()).toBe(0);
  now = 9_000;
  expect(free.take()).toBe(0);
  await Promise.all([free.end(), charged.end()]);
});
