import { readFile, writeFile } from 'node:fs/promises';
import { freePorts } from './free-port.ts';

/**
 * A port that was free when first asked for, and the same ever after. A server that starts while its
 * killed predecessor is still dying waits for that port, and so never shares the data with it.
 */
export async function keptPort(file: string): Promise<number> {
  const kept = Number(await readFile(file, 'utf8').catch(() => ''));
  if (Number.isInteger(kept) && kept >= 1 && kept <= 65_535) return kept;
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no port of 127.0.0.1 is free');
  await writeFile(file, String(port));
  return port;
}
