import { Kafka, logLevel } from 'kafkajs';
import { type Clock, systemClock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import type { Installation } from '../installation.ts';
import { within } from '../within.ts';
import { type AllowedBrokers, allowedBrokers, parseBroker } from './allowed-brokers.ts';
import { type AuthDeps, authConfig, forgetSecret, mskIamToken } from './auth.ts';
import { rememberedAuthorities } from './authorities.ts';
import { brokerSockets } from './broker-sockets.ts';
import { rememberedCertificates } from './client-certificate.ts';
import type { ClusterAddress } from './cluster.ts';
import { type ClusterLink, clusterLink } from './cluster-link.ts';
import { frameMemory } from './frame-memory.ts';
import { kafkaFailure } from './kafka-failure.ts';
import { brokerLinks } from './kafkajs-inside.ts';
import { addressText, linkPool } from './link-pool.ts';
import type { BrokerAddress } from './metadata-request.ts';
import { type Msk, mskControlPlane } from './msk.ts';
import { rememberedLogins, secretsManager } from './secrets.ts';

/** What it takes to connect to any cluster that a job may name. */
export interface LinkDeps extends AuthDeps {
  readonly msk: Msk;
  readonly allowed: AllowedBrokers;
  /** ms for one connection to stand. */
  readonly connectTimeoutMs: number;
  /** ms for one answer. */
  readonly requestTimeoutMs: number;
}

/** The real parts, as the installation's configuration wants them. Make them once per function: they remember. */
export function linkDeps(
  config: Pick<
    Installation,
    'ALLOWED_BROKERS' | 'KAFKA_CONNECT_TIMEOUT_MS' | 'KAFKA_REQUEST_TIMEOUT_MS'
  >,
  clock: Clock = systemClock,
): LinkDeps {
  const secrets = secretsManager();
  return {
    clock,
    logins: rememberedLogins(secrets, clock),
    certificates: rememberedCertificates(secrets, clock),
    authorities: rememberedAuthorities(secrets, clock),
    iamToken: mskIamToken,
    msk: mskControlPlane(clock),
    allowed: allowedBrokers(config.ALLOWED_BROKERS),
    connectTimeoutMs: config.KAFKA_CONNECT_TIMEOUT_MS,
    requestTimeoutMs: config.KAFKA_REQUEST_TIMEOUT_MS,
  };
}

/** A broker may take this many connection timeouts for connecting, versions and authentication together ... */
const TIMEOUTS_PER_BROKER = 2;
/** ... and all that are tried until one answers, this many. */
const TIMEOUTS_PER_CLUSTER = 3;

/**
 * Connects to a cluster: on return one of its brokers has answered. A login that is refused is read again
 * from its secret and tried once more, since secrets rotate.
 *
 * @throws {LoadFailure} BROKER_UNREACHABLE within three connection timeouts, BROKER_AUTH_FAILED,
 * BROKER_NOT_ALLOWED, SECRET_UNAVAILABLE or SECRET_UNUSABLE
 */
export async function openLink(address: ClusterAddress, deps: LinkDeps): Promise<ClusterLink> {
  try {
    return await connect(address, deps);
  } catch (error) {
    const refused = error instanceof LoadFailure && error.code === 'BROKER_AUTH_FAILED';
    if (!refused || !forgetSecret(address.auth, deps)) throw error;
    return await connect(address, deps);
  }
}

async function connect(address: ClusterAddress, deps: LinkDeps): Promise<ClusterLink> {
  const brokers = await brokersOf(address, deps);
  const seeds = brokers.map(parseBroker);
  for (const seed of seeds) deps.allowed.require(seed);
  const memory = frameMemory();
  const sockets = brokerSockets(deps.allowed, { memory });
  const kafka = new Kafka({
    clientId: 'routine-load',
    brokers,
    ...(await authConfig(address, brokers, deps)),
    connectionTimeout: deps.connectTimeoutMs,
    authenticationTimeout: deps.connectTimeoutMs,
    requestTimeout: deps.requestTimeoutMs,
    socketFactory: sockets.factory,
    logLevel: logLevel.NOTHING,
  });
  const requireAllowed = (broker: BrokerAddress) => deps.allowed.require(broker);
  const pool = linkPool({
    linkTo: brokerLinks(kafka),
    requireAllowed,
    connecting: (work, broker) =>
      answered(work, TIMEOUTS_PER_BROKER * deps.connectTimeoutMs, {
        clock: deps.clock,
        who: `broker ${addressText(broker)}`,
      }),
    failureOf: (error, broker) => sockets.refusal(broker.host) ?? kafkaFailure(error, broker),
    cut: (broker) => sockets.cut(broker),
    cutAll: () => sockets.close(),
  });
  const link = clusterLink({ pool, seeds, requireAllowed, reuse: memory.giveBack });
  try {
    await answered(link.refreshMetadata([]), TIMEOUTS_PER_CLUSTER * deps.connectTimeoutMs, {
      clock: deps.clock,
      who: `cluster ${address.clusterArn ?? brokers.join(', ')}`,
    });
    return link;
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function brokersOf(
  { brokers, clusterArn, auth }: ClusterAddress,
  { msk }: LinkDeps,
): Promise<string[]> {
  if (brokers) return brokers;
  if (clusterArn) return msk.bootstrapBrokers(clusterArn, auth.mechanism);
  throw new LoadFailure('BROKER_UNREACHABLE', 'a cluster must be named by brokers or by its ARN');
}

function answered<T>(
  work: Promise<T>,
  ms: number,
  { clock, who }: { readonly clock: Clock; readonly who: string },
): Promise<T> {
  const late = () =>
    new LoadFailure('BROKER_UNREACHABLE', `${who} must answer within ${ms} ms, it does not`);
  return within(work, ms, { clock, late });
}
