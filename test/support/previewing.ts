import { makeSliceReader } from '../../functions/loader/kafka/slice-reader.ts';
import { DEFAULT_TRANSFORM } from '../../functions/loader/open-rows.ts';
import {
  type PreviewDeps,
  type PreviewReport,
  runPreview,
} from '../../functions/loader/preview/run-preview.ts';
import { makeValueReadings, registryAccess } from '../../functions/loader/values/value-readings.ts';
import { type Clock, systemClock } from '../../functions/shared/clock.ts';
import { openClusters } from '../../functions/shared/kafka/open-clusters.ts';
import { linkDeps, openLink } from '../../functions/shared/kafka/open-link.ts';
import { newId } from '../../functions/shared/new-id.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { type ApiReply, apiOver, type Call } from './api-calls.ts';

/** The API, and loaders for its previews, on real parts: a loader runs when a test says so. */
export interface Previewing {
  readonly call: Call;
  readonly deps: PreviewDeps;
  /** `POST /previews`. @returns its answer */
  ask(body: object): Promise<ApiReply>;
  /** Runs a loader for a preview, as the stream would. */
  make(id: string, deps?: Partial<PreviewDeps>): Promise<PreviewReport>;
  /** All of it: asks, makes, shows. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the answer says, and fail where it does not
  preview(body: object): Promise<any>;
  close(): Promise<void>;
}

const TIME_MS = 600_000;

export function previewingOver(tables: Tables, clock: Clock = systemClock): Previewing {
  const { call } = apiOver(tables, { clock });
  const kafka = linkDeps({
    ALLOWED_BROKERS: ['*'],
    KAFKA_CONNECT_TIMEOUT_MS: 1_000,
    KAFKA_REQUEST_TIMEOUT_MS: 5_000,
  });
  const reader = makeSliceReader({ open: (address) => openLink(address, kafka), clock });
  const valueReadings = makeValueReadings({
    access: registryAccess({ ALLOWED_REGISTRIES: ['*'], REGISTRY_TIMEOUT_MS: 1_000 }),
    logins: kafka.logins,
  });
  const settings = { ...DEFAULT_TRANSFORM, valueReadings };
  const clusters = openClusters(kafka);
  const deps: PreviewDeps = { tables, clusters, reader, settings, clock, newId, log: () => {} };
  const ask = (body: object) => call('POST /previews', { body });
  const make = (id: string, others: Partial<PreviewDeps> = {}) =>
    runPreview({ ...deps, ...others }, id, clock.now() + TIME_MS);
  return {
    call,
    deps,
    ask,
    make,
    async preview(body) {
      const { body: asked } = await ask(body);
      await make(asked.id);
      return (await call(`GET /previews/${asked.id}`)).body;
    },
    close: () => reader.close(),
  };
}
