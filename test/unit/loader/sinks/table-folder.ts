import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Disk, machineDisk } from '../../../../functions/loader/sinks/file/disk.ts';
import { makeFileSink } from '../../../../functions/loader/sinks/file.ts';
import { attemptLabel } from '../../../../functions/shared/domain/task.ts';

/** A folder of the test's own, as the one root of an installation; removed behind the test. */
export async function tableFolder() {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'file-sink-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const table = join(root, 'flights');
  const sink = (disk: Disk = machineDisk) =>
    makeFileSink({
      roots: [root],
      destination: { table: 'flights', format: 'ndjson' },
      fileName: () => 'flights-T1.ndjson',
      disk,
    });
  return {
    root,
    table,
    staging: join(table, '_staging'),
    final: join(table, 'flights-T1.ndjson'),
    sink,
    /** An attempt's handle, its rows prepared. */
    async prepared(text: string, attempt = 1) {
      const writer = await sink().open(labelOf(attempt));
      await writer.write(Buffer.from(text));
      return writer.prepare();
    },
    /** What readers see. */
    visible: async () => (await readdir(table)).filter((name) => !name.startsWith('_')),
  };
}

export function labelOf(attempt: number, jobId = 'J1'): string {
  return attemptLabel({ jobId, id: 'T1' }, attempt);
}

/** An error as the operating system's. */
export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: from the test, ${randomBytes(2).toString('hex')}`), {
    code,
  });
}

type Step = keyof Disk;

/**
 * A disk that fails once, at its nth call (counted from 0, over all methods): before the effect, or after it
 * as when the process dies before it learns of its success.
 */
export function failingDisk(n: number, when: 'before' | 'after'): Disk & { calls: Step[] } {
  const calls: Step[] = [];
  const wrap =
    (step: Step) =>
    async (...given: unknown[]) => {
      const mine = calls.push(step) - 1;
      if (mine === n && when === 'before') throw errno('EIO');
      const answer = (machineDisk[step] as (...all: unknown[]) => Promise<unknown>)(...given);
      if (mine !== n) return answer;
      const [outcome] = await Promise.allSettled([answer]);
      if (step === 'open' && outcome.status === 'fulfilled') {
        await (outcome.value as { close(): Promise<void> }).close();
      }
      throw errno('EIO');
    };
  const steps = Object.keys(machineDisk) as Step[];
  const disk = Object.fromEntries(steps.map((step) => [step, wrap(step)])) as unknown as Disk;
  return { ...disk, calls };
}
