import { describe, expect, it } from 'vitest';
import { installation } from '#shared/installation.ts';
import { readLocalSettings } from '../../../../infra/local/local-settings.ts';

describe('the settings of one machine', () => {
  it('give the functions a capacity that fits the loader processes', () => {
    const settings = readLocalSettings({ LOADER_PROCESSES: '3', LOADER_INVOCATIONS: '4' });
    expect(settings.functions.CAPACITY).toBe('12');
  });

  it('pass on what the environment says of the functions, and nothing else of it', () => {
    const { functions } = readLocalSettings({ LEASE_MS: '4000', CAPACITY: '5', HOME: '/root' });
    expect(functions).toMatchObject({ LEASE_MS: '4000', CAPACITY: '5', CYCLE_MS: '2000' });
    expect(functions).not.toHaveProperty('HOME');
  });

  it('are ones that the functions accept', () => {
    const { functions } = readLocalSettings({});
    const tables = { JOBS_TABLE: 'jobs', TASKS_TABLE: 'tasks' };
    expect(installation.safeParse({ ...functions, ...tables }).success).toBe(true);
  });

  it('take several brokers, with commas', () => {
    const { KAFKA_BROKERS } = readLocalSettings({ KAFKA_BROKERS: 'a:9092, 127.0.0.1:9093' });
    expect(KAFKA_BROKERS).toEqual(['a:9092', '127.0.0.1:9093']);
  });

  it('name every faulty variable at once', () => {
    const faulty = { KAFKA_BROKERS: 'nowhere', API_PORT: '70000', LOADER_PROCESSES: '0' };
    for (const name of Object.keys(faulty)) {
      expect(() => readLocalSettings(faulty)).toThrow(name);
    }
  });
});
