import { randomUUID } from 'node:crypto';
import type { ScheduledEvent } from 'aws-lambda';
import type { Clock } from '#shared/clock.ts';

/** What the timer starts, and how often. */
export interface TimerSettings {
  readonly everyMs: number;
  /** Runs one cycle. Its failure is told to `onError` and changes nothing else. */
  readonly target: (event: ScheduledEvent) => Promise<unknown>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** A running timer. */
export interface Timer {
  /** Starts no more and resolves at once; what runs may go on. */
  close(): Promise<void>;
}

/** EventBridge starts a cycle whether or not the one before has ended; more than two would only pile up here. */
const AT_ONCE = 2;

/** Stands for the EventBridge schedule: one event right away, then one each `everyMs`. */
export function startTimer({ everyMs, target, clock, onError }: TimerSettings): Timer {
  const stop = new AbortController();
  let running = 0;
  const fire = async () => {
    running += 1;
    try {
      await target(scheduledEvent(clock.now()));
    } catch (error) {
      if (!stop.signal.aborted) onError(error);
    } finally {
      running -= 1;
    }
  };
  const ticking = (async () => {
    while (!stop.signal.aborted) {
      if (running < AT_ONCE) void fire();
      await clock.sleep(everyMs, stop.signal).catch(() => undefined);
    }
  })();
  return {
    close: () => {
      stop.abort();
      return ticking;
    },
  };
}

function scheduledEvent(now: number): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: 'local',
    resources: ['arn:aws:events:local:000000000000:rule/routine-load'],
    detail: {},
  };
}
