import * as z from 'zod';

/** A server's address, `host:port`; an IPv6 address in brackets. */
export const hostPort = z
  .string()
  .max(300)
  .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'must be host:port');
