import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import {
  connect,
  isIP,
  type LookupFunction,
  type OnReadOpts,
  type Socket,
  type TcpNetConnectOpts,
} from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import type { LoadFailure } from '../domain/failure.ts';
import type { AllowedBrokers } from './allowed-brokers.ts';
import type { FrameMemory } from './frame-memory.ts';
import { framedReading } from './framed-reading.ts';
import type { BrokerAddress } from './metadata-request.ts';

/** The sockets of one cluster link. */
export interface BrokerSockets {
  /** kafkajs opens every socket with this, so nothing passes by the list of allowed brokers. */
  readonly factory: ISocketFactory;
  /**
   * Destroys the sockets to one broker. kafkajs alone would wait for what is in flight, and leave a socket
   * that is still connecting to the operating system's own limit of minutes.
   */
  cut(address: BrokerAddress): void;
  /** Destroys all sockets and makes no more. */
  close(): void;
  /** Why the list of allowed brokers refused a host; kafkajs keeps only an error's text. */
  refusal(host: string): LoadFailure | undefined;
}

/** TLS takes `onread` as well; its types do not know. */
type SocketAddress = TcpNetConnectOpts & { readonly onread: OnReadOpts };

const KEEP_ALIVE_MS = 60_000;
const CUT = 'the connection was cut';

/** What {@link brokerSockets} needs. */
export interface BrokerSocketsOptions {
  /** Where answers are read to. */
  readonly memory: FrameMemory;
  /** Finds the addresses of a name. @default the system's */
  readonly resolve?: typeof systemLookup;
}

/** Makes sockets to allowed brokers only. They hand out whole frames of Kafka's protocol as their data. */
export function brokerSockets(
  allowed: AllowedBrokers,
  { memory, resolve = systemLookup }: BrokerSocketsOptions,
): BrokerSockets {
  const open = new Map<Socket, BrokerAddress>();
  const refusals = new Map<string, LoadFailure>();
  let closed = false;

  function guarded<T>(host: string, judge: () => T): T {
    try {
      return judge();
    } catch (error) {
      refusals.set(host, error as LoadFailure);
      throw error;
    }
  }

  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const first = addresses?.[0];
      if (error || !first) return callback(error ?? new Error(`${host} has no address`), '', 0);
      try {
        guarded(host, () => {
          for (const { address } of addresses) allowed.requireResolved(host, address);
        });
      } catch (refused) {
        return callback(refused as Error, '', 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };

  const framesTo = (socket: () => Socket) =>
    framedReading({
      memory,
      onFrame: (frame) => socket().emit('data', frame),
      onForeign: (error) => socket().destroy(error),
    });

  return {
    factory: ({ host, port, ssl, onConnect }) => {
      if (closed) throw new Error(CUT);
      guarded(host, () => allowed.require({ host, port }));
      const address: SocketAddress = { host, port, lookup, onread: framesTo(() => socket) };
      const servername = isIP(host) ? {} : { servername: host };
      const socket: Socket = ssl
        ? connectTls({ ...address, ...servername, ...ssl }, onConnect)
        : connect(address, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true);
      open.set(socket, { host, port });
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    cut({ host, port }) {
      for (const [socket, to] of open) if (to.host === host && to.port === port) destroy(socket);
    },
    close() {
      closed = true;
      for (const socket of open.keys()) destroy(socket);
    },
    refusal: (host) => refusals.get(host),
  };
}

/** kafkajs notices an error, and not that a socket just closed. */
function destroy(socket: Socket): void {
  socket.destroy(new Error(CUT));
}
