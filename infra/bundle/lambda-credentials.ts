/**
 * Stands in the bundles for the SDK's search for credentials (`@aws-sdk/credential-provider-node` and
 * `@aws-sdk/credential-providers`): profiles, single sign-on, metadata services and processes are 150 KB of
 * code that no Lambda function can use. Lambda puts its role's credentials into the environment, which is
 * also where the search would have looked first.
 */

/** Credentials as the SDK's clients want them. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Provider = () => () => Promise<Credentials>;

/**
 * Reads the environment.
 *
 * @throws {Error} from the provider when there are no credentials, which on Lambda cannot be
 */
export const defaultProvider: Provider = () => async () => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error('the environment must hold the credentials of the function, it has none');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};

/** The name that `aws-msk-iam-sasl-signer-js` asks for. */
export const fromNodeProviderChain: Provider = () => defaultProvider();

const notOnLambda = (): never => {
  throw new Error("credentials other than the function's own are not in the bundle");
};

/** What the signer imports beside, and no function of ours calls. */
export const fromIni = notOnLambda;
/** See {@link fromIni}. */
export const fromTemporaryCredentials = notOnLambda;
/** See {@link fromIni}. */
export const STSClient = notOnLambda;
/** See {@link fromIni}. */
export const GetCallerIdentityCommand = notOnLambda;
