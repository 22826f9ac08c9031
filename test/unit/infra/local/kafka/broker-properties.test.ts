import { expect, it } from 'vitest';
import { serverProperties } from '../../../../../infra/local/kafka/broker-properties.ts';

it('a folder with any characters in its name is the folder that Java reads', () => {
  const text = serverProperties({
    nodeId: 1,
    roles: 'broker',
    controllerPort: 1,
    controllerNodeId: 1,
    ports: {},
    advertisedHost: '127.0.0.1',
    users: [],
    certificate: undefined,
    dataDirectory: '/home/jörg \u{1f600}/a\\b',
    config: {},
  });

  expect(text).toMatch(/^[ -~\n]*$/);
  expect(text).toContain('log.dirs=/home/j\\u00f6rg \\ud83d\\ude00/a\\\\b\n');
});
