import { describe, expect, it } from 'vitest';
import { eventFilter } from '../../../../infra/local/event-pattern.ts';
import { PIPE_FILTER_CRITERIA } from '../../../../infra/settings/dispatch.ts';

const taskEvent = (status: string, eventName = 'INSERT') => ({
  eventName,
  dynamodb: { NewImage: { pk: { S: 'job' }, status: { S: status } } },
});

describe('the filter of the pipe', () => {
  const passes = eventFilter(PIPE_FILTER_CRITERIA);

  it('lets a task through that waits, new or offered again', () => {
    expect(passes(taskEvent('PENDING'))).toBe(true);
    expect(passes(taskEvent('PENDING', 'MODIFY'))).toBe(true);
  });

  it.each(['RUNNING', 'DONE', 'CANCELLED', 'IN_DOUBT'])(
    'keeps a task back that is %s',
    (status) => {
      expect(passes(taskEvent(status))).toBe(false);
    },
  );

  it('F4: keeps back an item that expired: it has no new image, and a name that no type knows', () => {
    expect(passes({ eventName: 'UNKNOWN_TO_SDK_VERSION', dynamodb: { Keys: {} } })).toBe(false);
  });
});

describe('event patterns', () => {
  it('pass an event that any one of several filters matches', () => {
    const passes = eventFilter({
      Filters: [{ Pattern: '{"a":[1]}' }, { Pattern: '{"a":[2,null]}' }],
    });
    expect([1, 2, null, 3].map((a) => passes({ a }))).toEqual([true, true, true, false]);
  });

  it('pass everything when there is no filter', () => {
    expect(eventFilter({ Filters: [] })({})).toBe(true);
  });

  it('refuse an operator that they do not know instead of ignoring it', () => {
    const Pattern = '{"dynamodb":{"NewImage":{"status":{"S":[{"prefix":"PEN"}]}}}}';
    expect(() => eventFilter({ Filters: [{ Pattern }] })).toThrow(
      'the event pattern at dynamodb.NewImage.status.S must list literals, got [{"prefix":"PEN"}]',
    );
  });
});
