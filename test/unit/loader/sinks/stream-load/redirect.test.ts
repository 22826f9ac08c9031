import { describe, expect, it } from 'vitest';
import { redirectTarget } from '../../../../../functions/loader/sinks/stream-load/redirect.ts';

const from = { host: 'fe', port: 8030, tls: false };

describe('a redirect', () => {
  it.each([
    ['http://root:p%40ss@be1:8040/api/a/b/_stream_load?', 'be1', 8040, '/api/a/b/_stream_load'],
    ['http://u:p@[::1]:8040/api/a/b/_stream_load?x=1', '::1', 8040, '/api/a/b/_stream_load?x=1'],
    ['https://be1/api/x', 'be1', 443, '/api/x'],
  ])('%s leads to %s, without its login', (location, host, port, path) => {
    const target = redirectTarget(location, from, false);
    expect(target).toEqual({
      endpoint: { host, port, tls: location.startsWith('https') },
      path,
    });
  });

  it.each([
    undefined,
    '',
    '/api/a/b/_stream_load',
    'ftp://be/api/x',
    'http://be:8040/latest/meta-data',
    'http://u:secret@be:8040/other',
  ])('%j is none', (location) => {
    const refused = () => redirectTarget(location, from, false);
    expect(refused).toThrow(/^frontend fe:8030 must redirect to a URL of the API/);
    expect(refused).not.toThrow(/secret/);
  });
});
