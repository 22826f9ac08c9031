import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Rules of cdk-nag that something of ours breaks on purpose, each beside the code that does. */

/** The ids that cdk-nag gives one finding in its packs, and why it stands. */
export interface Acknowledgement {
  readonly rules: readonly string[];
  readonly reason: string;
}

/** Lets the construct and what is in it break the rules. */
export function acknowledge(construct: IConstruct, { rules, reason }: Acknowledgement): void {
  Validations.of(construct).acknowledge(...rules.map((id) => ({ id, reason })));
}

/** Lets a policy name resources by a pattern; any other pattern is still a finding. */
export function acknowledgePattern(
  construct: IConstruct,
  { resource, reason }: { readonly resource: string; readonly reason: string },
): void {
  const written = flat(Stack.of(construct).resolve(resource));
  acknowledge(construct, { rules: [`AwsSolutions-IAM5[Resource::${written}]`], reason });
}

/** A value of a template as cdk-nag writes it in its ids (`flattenCfnReference`). */
function flat(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('${', '<').replaceAll('}', '>');
  const node = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(node['Fn::Join'])) {
    const [delimiter, parts] = node['Fn::Join'] as [string, unknown[]];
    return parts.map(flat).join(delimiter);
  }
  if (Array.isArray(node['Fn::GetAtt'])) return `<${node['Fn::GetAtt'].map(flat).join('.')}>`;
  if (node.Ref !== undefined) return `<${flat(node.Ref)}>`;
  return JSON.stringify(node);
}
