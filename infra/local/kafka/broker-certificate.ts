import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A self-signed certificate for 127.0.0.1 and localhost. */
export interface BrokerCertificate {
  /** PKCS12 file with the private key. */
  readonly keystore: string;
  readonly password: string;
  /** PEM, for clients to trust. */
  readonly pem: string;
}

/** It guards nothing: the key never leaves this machine's test directory. */
const PASSWORD = 'changeit';

/** Makes the certificate in `directory`, or takes the one that an earlier start left there. */
export async function brokerCertificate(directory: string): Promise<BrokerCertificate> {
  const keystore = join(directory, 'broker.p12');
  const pemFile = join(directory, 'broker.pem');
  const store = ['-alias', 'broker', '-keystore', keystore, '-storepass', PASSWORD];
  if (!existsSync(pemFile)) {
    await run('keytool', [
      '-genkeypair',
      ...store,
      ...['-storetype', 'PKCS12', '-keyalg', 'EC', '-groupname', 'secp256r1'],
      ...['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1,dns:localhost', '-validity', '3650'],
    ]);
    await run('keytool', ['-exportcert', '-rfc', ...store, '-file', pemFile]);
  }
  return { keystore, password: PASSWORD, pem: await readFile(pemFile, 'utf8') };
}
