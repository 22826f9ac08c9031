import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks } from 'cdk-nag';

/** The packs of rules that every stack must pass. */
export const NAG_PACKS = [AwsSolutionsChecks, ServerlessChecks, NIST80053R5Checks] as const;

/** Makes a synthesis fail when a stack breaks a rule that nobody has acknowledged with a reason. */
export function checkWithNag(app: App): void {
  for (const Pack of NAG_PACKS) Validations.of(app).addPlugins(new Pack(app));
}
