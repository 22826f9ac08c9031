/** Rows and bytes at a time, both growing. `at` is epoch ms. */
export interface Sample {
  readonly at: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Long enough that commits, which come in lumps, look like a flow. */
const WINDOW_MS = 6_000;

/** Rows and bytes per second over the last few seconds. */
export class Rate {
  readonly #samples: Sample[] = [];

  add(sample: Sample): void {
    this.#samples.push(sample);
    while (sample.at - (this.#samples[1]?.at ?? sample.at) >= WINDOW_MS) this.#samples.shift();
  }

  /** Both zero until two samples are there. */
  perSecond(): { readonly rows: number; readonly bytes: number } {
    const first = this.#samples.at(0);
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return { rows: 0, bytes: 0 };
    const seconds = (last.at - first.at) / 1_000;
    return {
      rows: (last.rows - first.rows) / seconds,
      bytes: (last.bytes - first.bytes) / seconds,
    };
  }
}
