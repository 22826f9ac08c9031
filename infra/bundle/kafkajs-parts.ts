import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Leaves out of a bundle what no function of ours uses of kafkajs: producers, consumers, admin clients and
 * all requests but those of a connection's beginning. That is two thirds of it, 170 KB; the rest connects
 * and authenticates. functions/shared/kafka/kafkajs-inside.ts says what is reached into.
 */
export const kafkajsParts: Plugin = {
  name: 'kafkajs-parts',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) =>
      isUsed(join(resolveDir, path)) ? undefined : { path: 'absent', namespace: ABSENT },
    );
    build.onLoad({ filter: /.*/, namespace: ABSENT }, () => ({ contents: ABSENT_MODULE }));
  },
};

const ABSENT = 'kafkajs-absent';

/** Stands for a client and for the definition of a request alike; fails when it is used, not when it is loaded. */
const ABSENT_MODULE = `
const absent = () => { throw new Error('this part of kafkajs is not in the bundle') };
module.exports = Object.assign(absent, { versions: [], protocol: absent });
`;

/** Requests that are sent before ours, and the numbers of all. */
const USED_REQUESTS = ['apiVersions', 'saslHandshake', 'saslAuthenticate', 'apiKeys'];

function isUsed(path: string): boolean {
  const [, inside] = path.split(`${sep}kafkajs${sep}src${sep}`);
  if (inside === undefined) return true;
  const [part, kind, request] = inside.split(sep);
  if (part === 'admin' || part === 'producer' || part === 'consumer') return false;
  const isRequest = part === 'protocol' && kind === 'requests' && request !== undefined;
  return !isRequest || USED_REQUESTS.includes(request);
}
