import { expect, test } from 'vitest';
import { fillTemplate } from '../../../../infra/local/input-template.ts';
import { PIPE_INPUT_TEMPLATE } from '../../../../infra/settings/dispatch.ts';

const Keys = { pk: { S: 'job "1"' }, sk: { S: 'task' } };

test('a template takes texts, numbers and objects out of an event', () => {
  const event = { at: 1, dynamodb: { Keys, NewImage: { status: { S: 'PENDING' } } } };
  const template = '{"when": <$.at>, "of": <$.dynamodb.Keys.pk.S>, "keys": [<$.dynamodb.Keys>]}';
  expect(fillTemplate(template, event)).toEqual({ when: 1, of: 'job "1"', keys: [Keys] });
});

test('what is not there is told by its path', () => {
  expect(() => fillTemplate('{"a": <$.dynamodb.Keys>}', { dynamodb: {} })).toThrow(
    'an event must have dynamodb.Keys, which {"a": <$.dynamodb.Keys>} names',
  );
});

test('a loader is told the keys of its task and nothing else, however large the task is', () => {
  const event = { dynamodb: { Keys, NewImage: { decision: { S: 'x'.repeat(400_000) } } } };
  expect(fillTemplate(PIPE_INPUT_TEMPLATE, event)).toEqual({ dynamodb: { Keys } });
});
