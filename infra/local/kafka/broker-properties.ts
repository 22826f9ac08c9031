import type { BrokerCertificate } from './broker-certificate.ts';

/** The server.properties of a local broker. */

/** Listeners for clients. Every broker has PLAINTEXT. */
export type Listener = 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL';

/** Somebody who may log in on the SASL listeners, by PLAIN and by both SCRAMs. */
export interface SaslUser {
  readonly username: string;
  readonly password: string;
}

export interface BrokerProperties {
  readonly nodeId: number;
  /** `controller`: this node also decides for the cluster. Exactly one does. */
  readonly roles: 'broker' | 'broker,controller';
  readonly controllerPort: number;
  /** The node that decides. */
  readonly controllerNodeId: number;
  readonly ports: Readonly<Partial<Record<Listener, number>>>;
  readonly advertisedHost: string;
  readonly users: readonly SaslUser[];
  readonly certificate: BrokerCertificate | undefined;
  readonly dataDirectory: string;
  readonly config: Readonly<Record<string, string>>;
}

/**
 * One machine, no waiting: nothing is replicated or deleted unless asked for, topics are never made by
 * asking, and chores that production runs by the minute (cleaning, retention) run by the second.
 */
const FIXED = {
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.security.protocol.map':
    'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  'log.retention.ms': '-1',
  'log.retention.bytes': '-1',
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '500',
  'log.cleaner.backoff.ms': '500',
  // The default of 128 MB would be a quarter of the heap.
  'log.cleaner.dedupe.buffer.size': '8388608',
  // A broker that was killed may join again only when its old session has run out: 9 s by default.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'num.network.threads': '2',
  'num.io.threads': '4',
} as const;

const HOST = '127.0.0.1';

/** Renders the file. */
export function serverProperties(broker: BrokerProperties): string {
  const listeners = Object.entries(broker.ports);
  const own = listeners.map(([name, port]) => `${name}://${HOST}:${port}`);
  const advertised = listeners.map(([name, port]) => `${name}://${broker.advertisedHost}:${port}`);
  if (broker.roles === 'broker,controller')
    own.push(`CONTROLLER://${HOST}:${broker.controllerPort}`);
  const properties: Record<string, string> = {
    ...FIXED,
    'process.roles': broker.roles,
    'node.id': String(broker.nodeId),
    'controller.quorum.voters': `${broker.controllerNodeId}@${HOST}:${broker.controllerPort}`,
    listeners: own.join(','),
    'advertised.listeners': advertised.join(','),
    'log.dirs': broker.dataDirectory,
    ...saslProperties(broker),
    ...tlsProperties(broker.certificate),
    ...broker.config,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${escaped(value)}\n`)
    .join('');
}

/**
 * Java reads properties as ISO 8859-1, in which the folder of somebody called Jörg would become another one.
 *
 * @see https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html
 */
function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function saslProperties({ ports, users }: BrokerProperties): Record<string, string> {
  const listeners = Object.keys(ports).filter((name) => name.startsWith('SASL_'));
  if (listeners.length === 0) return {};
  const properties: Record<string, string> = {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  };
  const security = 'org.apache.kafka.common.security';
  const plainUsers = users.map(({ username, password }) => `user_${username}="${password}"`);
  for (const listener of listeners) {
    const prefix = `listener.name.${listener.toLowerCase()}`;
    properties[`${prefix}.plain.sasl.jaas.config`] =
      `${security}.plain.PlainLoginModule required ${plainUsers.join(' ')};`;
    for (const scram of ['scram-sha-256', 'scram-sha-512']) {
      properties[`${prefix}.${scram}.sasl.jaas.config`] =
        `${security}.scram.ScramLoginModule required;`;
    }
  }
  return properties;
}

function tlsProperties(certificate: BrokerCertificate | undefined): Record<string, string> {
  if (!certificate) return {};
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': certificate.keystore,
    'ssl.keystore.password': certificate.password,
    'ssl.key.password': certificate.password,
  };
}
