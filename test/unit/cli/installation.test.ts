import { describe, expect, it } from 'vitest';
import { findInstallation } from '../../../cli/installation.ts';

const gateway = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com';

describe('the installation that is meant', () => {
  it('is the option, then the variable, then the one of this machine', () => {
    const env = { ROUTINE_LOAD_URL: 'http://127.0.0.1:2', API_PORT: '3' };
    expect(findInstallation({ url: 'http://127.0.0.1:1/' }, env)).toEqual({
      url: 'http://127.0.0.1:1',
    });
    expect(findInstallation({}, env)).toEqual({ url: 'http://127.0.0.1:2' });
    expect(findInstallation({}, { API_PORT: '3' })).toEqual({ url: 'http://127.0.0.1:3' });
    expect(findInstallation({}, { ROUTINE_LOAD_URL: '', API_PORT: '' })).toEqual({
      url: 'http://127.0.0.1:8321',
    });
  });

  it.each([
    [gateway, { url: gateway, region: 'eu-west-1' }],
    [`${gateway}/prod/`, { url: `${gateway}/prod`, region: 'eu-west-1' }],
    [
      'https://x.execute-api.cn-north-1.amazonaws.com.cn',
      {
        url: 'https://x.execute-api.cn-north-1.amazonaws.com.cn',
        region: 'cn-north-1',
      },
    ],
    ['https://loads.example.com', { url: 'https://loads.example.com' }],
    // Credentials must not go to whoever has a name that looks like it, nor unencrypted.
    [
      'https://a.execute-api.eu-west-1.amazonaws.com.evil.example',
      {
        url: 'https://a.execute-api.eu-west-1.amazonaws.com.evil.example',
      },
    ],
    [
      'http://a.execute-api.eu-west-1.amazonaws.com',
      {
        url: 'http://a.execute-api.eu-west-1.amazonaws.com',
      },
    ],
  ])('%s is signed as its name says', (url, installation) => {
    expect(findInstallation({ url }, {})).toEqual(installation);
  });

  it('is signed for the region that is given, whatever its name', () => {
    const given = { url: 'https://loads.example.com', sign: 'us-gov-west-1' };
    expect(findInstallation(given, {})).toMatchObject({ region: 'us-gov-west-1' });
  });

  it.each([
    'flights',
    'file:///etc',
    'http://user:secret@127.0.0.1',
    'http://127.0.0.1/?a=b',
    'http://127.0.0.1/#a',
  ])('%s is none, and its words are not repeated', (url) => {
    expect(() => findInstallation({ url }, {})).toThrow(/^the address .* must be http/);
    expect(() => findInstallation({ url }, {})).not.toThrow(/secret/);
  });
});
