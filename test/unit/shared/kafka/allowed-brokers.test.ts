import { describe, expect, test } from 'vitest';
import { allowedBrokers, parseBroker } from '#shared/kafka/allowed-brokers.ts';

function isAllowed(patterns: string[], host: string): boolean {
  try {
    allowedBrokers(patterns).require({ host, port: 9092 });
    return true;
  } catch {
    return false;
  }
}

describe('a host is allowed', () => {
  test.each([
    ['*', 'b-1.example.com', true],
    ['*', '127.0.0.1', true],
    ['*.example.com', 'b-1.example.com', true],
    ['*.example.com', 'b-1.deep.example.com', true],
    ['*.example.com', 'B-1.Example.COM.', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'badexample.com', false],
    ['*.example.com', 'b-1.example.com.evil.org', false],
    ['b-1.example.com', 'b-1.example.com', true],
    ['b-1.example.com', 'b-2.example.com', false],
    ['[::1]', '::1', true],
  ])('by %s: %s %s', (pattern, host, allowed) => {
    expect(isAllowed([pattern], host)).toBe(allowed);
  });

  test('by any one of several patterns', () => {
    expect(isAllowed(['*.a.org', 'b.org'], 'b.org')).toBe(true);
    expect(isAllowed(['*.a.org', 'b.org'], 'c.org')).toBe(false);
  });
});

describe('addresses of the machine and of metadata services', () => {
  const addresses = [
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    'fe80::1',
    'fd00:ec2::254',
    '::',
    '::ffff:169.254.169.254',
  ];

  test.each(addresses)('%s is not admitted by a wildcard, and by its own name it is', (address) => {
    expect(isAllowed(['*'], address)).toBe(false);
    expect(isAllowed(['*', address], address)).toBe(true);
  });

  test.each(addresses)('%s is refused when an allowed name resolves to it', (address) => {
    const allowed = allowedBrokers(['*.example.com']);
    expect(() => allowed.requireResolved('b-1.example.com', address)).toThrow(
      `broker b-1.example.com resolves to ${address}, an address that no wildcard admits, allowed: *.example.com`,
    );
    expect(() => allowed.requireResolved('b-1.example.com', '10.0.0.1')).not.toThrow();
  });
});

test('a refusal is BROKER_NOT_ALLOWED and names the host and the list', () => {
  expect(() => allowedBrokers(['*.a.org', 'b.org']).require({ host: 'c.org', port: 1 })).toThrow(
    expect.objectContaining({
      code: 'BROKER_NOT_ALLOWED',
      message: 'broker c.org is not on the list of allowed brokers, allowed: *.a.org, b.org',
    }),
  );
});

test('host and port are told apart, also around an IPv6 address', () => {
  expect(parseBroker('b-1.example.com:9098')).toEqual({ host: 'b-1.example.com', port: 9098 });
  expect(parseBroker('[::1]:9092')).toEqual({ host: '::1', port: 9092 });
  expect(() => parseBroker('b-1.example.com')).toThrow('a broker must be host:port');
  expect(() => parseBroker('b-1.example.com:70000')).toThrow('a broker must be host:port');
});
