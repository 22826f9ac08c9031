import { isUtf8 } from 'node:buffer';
import { HIGH } from './bytes.ts';

/** Up to this many bytes a loop beats the view and the native call, which cost about 60 ns. */
const SHORT = 48;

/** Whether `[start, end)` is well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong). */
export function isUtf8Range(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= SHORT) {
    let at = start;
    while (at < end && (bytes[at] as number) < HIGH) at += 1;
    if (at === end) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}
