import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FAULT_KINDS, FAULTS } from '../chaos/command-line.ts';
import { DESTINATIONS } from '../chaos/destinations/destination.ts';

const command = fileURLToPath(new URL('../chaos/main.ts', import.meta.url));

/** A run takes about a minute, and several beside other tests. */
const TIMEOUT_MS = 360_000;

it('F1, F9, F15, F16, F18, F22: an installation and destinations whose every part is killed and restarted at random lose and double nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  const into = ['--destination', DESTINATIONS.join(',')];
  const args = [command, '--short', '--rows', '20000', '--seed', '7', ...into];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  try {
    const [code] = await once(child, 'exit');
    expect(code, said).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
  for (const kind of FAULT_KINDS) {
    const done = new RegExp(`^${escaped(FAULTS[kind].words)} +(\\d+)$`, 'm').exec(said)?.[1];
    expect(Number(done), FAULTS[kind].words).toBeGreaterThan(0);
  }
  expect(said).toContain(
    'lost 0, doubled 0, different 0, stuck 0, orphans 0, unproven 0\nflawless: ',
  );
});

function escaped(text: string): string {
  return text.replace(/[()]/g, '\\$&');
}
