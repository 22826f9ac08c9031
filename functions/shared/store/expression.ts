import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshallValue } from './marshall.ts';
import type { Condition, Item, Test } from './tables.ts';

/** Conditions and updates as DynamoDB expressions. All names and values go through placeholders. */

/** The parts of a request that an expression needs. */
export interface Expression {
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** An update's parts. */
export interface Changes {
  readonly set?: Item | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly add?: { readonly [name: string]: number } | undefined;
}

/** Collects placeholders while texts are made. */
class Placeholders {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};
  #count = 0;

  name(attribute: string): string {
    const placeholder = `#${attribute}`;
    this.names[placeholder] = attribute;
    return placeholder;
  }

  value(value: Item[string]): string {
    const placeholder = `:v${this.#count}`;
    this.#count += 1;
    this.values[placeholder] = marshallValue(value);
    return placeholder;
  }
}

/** A condition, and an update's changes where there are any, as one request's expressions. */
export function toExpression(condition: Condition, changes: Changes = {}): Expression {
  const to = new Placeholders();
  const update = updateText(changes, to);
  const tests = condition.map((test) => testText(test, to)).join(' AND ');
  return {
    ...(tests && { ConditionExpression: tests }),
    ...(update && { UpdateExpression: update }),
    ...(Object.keys(to.names).length > 0 && { ExpressionAttributeNames: to.names }),
    ...(Object.keys(to.values).length > 0 && { ExpressionAttributeValues: to.values }),
  };
}

function testText(test: Test, to: Placeholders): string {
  const name = to.name(test.attribute);
  switch (test.is) {
    case 'absent':
      return `attribute_not_exists(${name})`;
    case 'present':
      return `attribute_exists(${name})`;
    case 'equal':
      return `${name} = ${to.value(test.value)}`;
    case 'at-most':
      return `${name} <= ${to.value(test.value)}`;
    case 'one-of':
      return `${name} IN (${test.values.map((value) => to.value(value)).join(', ')})`;
  }
}

function updateText({ set = {}, remove = [], add = {} }: Changes, to: Placeholders): string {
  const sets = Object.entries(set).map(([name, value]) => `${to.name(name)} = ${to.value(value)}`);
  const removes = remove.map((name) => to.name(name));
  const adds = Object.entries(add).map(([name, value]) => `${to.name(name)} ${to.value(value)}`);
  return [
    sets.length > 0 && `SET ${sets.join(', ')}`,
    removes.length > 0 && `REMOVE ${removes.join(', ')}`,
    adds.length > 0 && `ADD ${adds.join(', ')}`,
  ]
    .filter(Boolean)
    .join(' ');
}
