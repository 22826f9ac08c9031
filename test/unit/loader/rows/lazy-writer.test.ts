import { describe, expect, it } from 'vitest';
import { makeLazyWriter } from '../../../../functions/loader/rows/lazy-writer.ts';
import type { SinkWriter } from '../../../../functions/loader/sinks/sink.ts';

/** A sink's writer that remembers what became of it. */
class MemoryWriter implements SinkWriter {
  text = '';
  state: 'open' | 'prepared' | 'discarded' = 'open';
  async write(chunk: Uint8Array) {
    this.text += Buffer.from(chunk).toString();
  }
  async prepare() {
    this.state = 'prepared';
    return { text: this.text };
  }
  async discard() {
    this.state = 'discarded';
  }
}

describe('a lazy writer', () => {
  it('never opens the sink for a slice without rows, and has no handle then', async () => {
    let opened = 0;
    const writer = makeLazyWriter(async () => {
      opened += 1;
      return new MemoryWriter();
    });
    expect(await writer.prepare()).toBeUndefined();
    await writer.discard();
    expect(opened).toBe(0);
  });

  it('opens the sink once, with the first chunk', async () => {
    const opened: MemoryWriter[] = [];
    const writer = makeLazyWriter(async () => {
      opened.push(new MemoryWriter());
      return opened.at(-1)!;
    });
    await writer.write(Buffer.from('a'));
    await writer.write(Buffer.from('b'));
    expect(await writer.prepare()).toEqual({ text: 'ab' });
    expect(opened.map((one) => one.state)).toEqual(['prepared']);
  });

  it('discards only behind a write that is under way', async () => {
    const order: string[] = [];
    let release = () => {};
    const slow: SinkWriter = {
      write: () =>
        new Promise((resolve) => {
          release = () => {
            order.push('written');
            resolve();
          };
        }),
      prepare: async () => ({}),
      discard: async () => void order.push('discarded'),
    };
    const writer = makeLazyWriter(async () => slow);
    const writing = writer.write(Buffer.from('a'));
    await new Promise(setImmediate);
    const discarded = writer.discard();
    await new Promise(setImmediate);
    release();
    await Promise.all([writing, discarded]);
    expect(order).toEqual(['written', 'discarded']);
  });

  it('throws what opening threw, and discards quietly', async () => {
    const writer = makeLazyWriter(() => Promise.reject(new Error('no such disk')));
    await expect(writer.write(Buffer.from('a'))).rejects.toThrow('no such disk');
    await expect(writer.prepare()).rejects.toThrow('no such disk');
    await expect(writer.discard()).resolves.toBeUndefined();
  });
});
