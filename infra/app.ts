/**
 * What `cdk` runs. `RoutineLoad` is the installation that `cdk.json` describes; without a description there is
 * only `RoutineLoadExample`, everything for a first try.
 */
import { App } from 'aws-cdk-lib';
import { checkWithNag } from './nag.ts';
import { readInstallationContext } from './settings/installation-context.ts';
import { ExampleStack } from './stacks/example-stack.ts';
import { RoutineLoadStack } from './stacks/routine-load-stack.ts';

const app = new App();
/**
 * Tables with a customer's key need to know their region; the account stays open, so that nothing has to be
 * looked up. The CLI tells the region of the credentials in use.
 */
const env = { region: process.env.CDK_DEFAULT_REGION ?? 'us-east-1' };
const installation: unknown = app.node.tryGetContext('installation');
if (installation === undefined) {
  new ExampleStack(app, 'RoutineLoadExample', { env });
} else {
  new RoutineLoadStack(app, 'RoutineLoad', {
    env,
    installation: readInstallationContext(installation),
  });
}
checkWithNag(app);
