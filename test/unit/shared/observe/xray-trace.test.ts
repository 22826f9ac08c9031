import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTrace } from '#shared/observe/xray-trace.ts';

const ROOT = '1-5759e988-bd862e3fe1be46a994272793';
const header = (sampled: 0 | 1) => `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=${sampled}`;

let daemon: Socket;
let address: string;
let received: string[];

beforeEach(async () => {
  received = [];
  daemon = createSocket('udp4').on('message', (bytes) => received.push(bytes.toString('utf8')));
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  address = `127.0.0.1:${daemon.address().port}`;
});
afterEach(() => daemon.close());

/** The documents, once as many have come. */
async function documents(count: number) {
  while (received.length < count) await once(daemon, 'message');
  return received.map((text) => {
    const [first, second = ''] = text.split('\n');
    expect(JSON.parse(first ?? '')).toEqual({ format: 'json', version: 1 });
    return JSON.parse(second);
  });
}

const open = (traceId: string | undefined, now = () => 0) =>
  openTrace({ _X_AMZN_TRACE_ID: traceId, AWS_XRAY_DAEMON_ADDRESS: address }, { now });

it('tells the daemon of every span, one inside the other, with its time and what it is about', async () => {
  let now = 1_000;
  const { trace, close } = open(header(1), () => now);
  const result = await trace.span(
    'task',
    (inside) =>
      inside.span('read', async () => {
        now += 250;
        return 'rows';
      }),
    { jobId: 'J1' },
  );
  await close();

  expect(result).toBe('rows');
  const [read, task] = await documents(2);
  expect(task).toMatchObject({
    name: 'task',
    type: 'subsegment',
    trace_id: ROOT,
    parent_id: '53995c3f42cd8ad8',
    annotations: { jobId: 'J1' },
    start_time: 1,
    end_time: 1.25,
  });
  expect(read).toMatchObject({ name: 'read', trace_id: ROOT, parent_id: task.id });
  expect(task.id).toMatch(/^[0-9a-f]{16}$/);
});

it('tells of a failure, and passes it on', async () => {
  const { trace, close } = open(header(1));
  const failing = trace.span('commit', () => Promise.reject(new RangeError('too late')));
  await expect(failing).rejects.toThrow('too late');
  await close();

  expect((await documents(1))[0]).toMatchObject({
    fault: true,
    cause: { exceptions: [{ type: 'RangeError', message: 'too late' }] },
  });
});

it.each([
  ['one that is not sampled', header(0)],
  ['none', undefined],
  ['a faulty one', 'x=y;=;1'],
])('costs nothing in an invocation with %s', async (_which, traceId) => {
  const quiet = open(traceId);
  expect(await quiet.trace.span('task', async (inside) => inside.span('read', async () => 7))).toBe(
    7,
  );
  await quiet.close();
  const loud = open(header(1));
  await loud.trace.span('after', async () => undefined);
  await loud.close();

  expect((await documents(1)).map(({ name }) => name)).toEqual(['after']);
});

it('harms nobody where no daemon is', async () => {
  const { trace, close } = openTrace(
    { _X_AMZN_TRACE_ID: header(1), AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:1' },
    { now: () => 0 },
  );
  expect(await trace.span('task', async () => 'done')).toBe('done');
  await close();
});
