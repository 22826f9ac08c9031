import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import type { Codec } from '../kafka/producing-codecs.ts';
import { type DemoMapping, mappedMovies } from './mapped-movies.ts';
import { csvRows, jsonRows, parquetRows, type RowGroups } from './vega-rows.ts';

/** What `npm start` loads. Between them all four codecs, every pair of formats, and a mapping to Parquet occur. */
export interface DataSet {
  /** Of the topic, of the job and of the table. */
  readonly name: string;
  readonly partitions: number;
  readonly codec: Codec;
  /** How many rows `rows` has. */
  readonly count: number;
  readonly rows: () => RowGroups;
  readonly format: NonNullable<JobSpecInput['format']>;
  /** The columns of the table, where the format has to be told. */
  readonly columns?: readonly string[];
  readonly tableFormat: 'ndjson' | 'csv' | 'parquet';
  /** Where rows are not just what the records are. */
  readonly mapping?: DemoMapping;
}

const AIRPORT_COLUMNS = ['iata', 'name', 'city', 'state', 'country', 'latitude', 'longitude'];
const ZIPCODE_COLUMNS = ['zip_code', 'latitude', 'longitude', 'city', 'state', 'county'];
const FOOTBALL_COLUMNS = ['date', 'division', 'home_team', 'away_team', 'home_score', 'away_score'];

export const DATA_SETS: readonly DataSet[] = [
  {
    name: 'flights',
    partitions: 8,
    codec: 'zstd',
    count: 3_000_000,
    rows: () => parquetRows('flights-3m.parquet'),
    format: { type: 'json' },
    tableFormat: 'ndjson',
  },
  {
    name: 'zipcodes',
    partitions: 4,
    codec: 'snappy',
    count: 42_049,
    rows: () => csvRows('zipcodes.csv'),
    format: { type: 'csv', columns: ZIPCODE_COLUMNS },
    columns: ZIPCODE_COLUMNS,
    tableFormat: 'ndjson',
  },
  {
    name: 'football',
    partitions: 3,
    codec: 'lz4',
    count: 6_508,
    rows: () => jsonRows('football.json'),
    format: { type: 'json' },
    columns: FOOTBALL_COLUMNS,
    tableFormat: 'csv',
  },
  {
    name: 'airports',
    partitions: 2,
    codec: 'gzip',
    count: 3_376,
    rows: () => csvRows('airports.csv'),
    format: { type: 'csv', columns: AIRPORT_COLUMNS },
    columns: AIRPORT_COLUMNS,
    tableFormat: 'csv',
  },
  {
    name: 'movies',
    partitions: 2,
    codec: 'lz4',
    count: 3_201,
    rows: () => jsonRows('movies.json'),
    format: { type: 'json' },
    tableFormat: 'parquet',
    mapping: mappedMovies,
  },
  {
    name: 'earthquakes',
    partitions: 1,
    codec: 'gzip',
    count: 1_707,
    rows: () => jsonRows('earthquakes.json', 'features'),
    format: { type: 'json' },
    tableFormat: 'ndjson',
  },
];
