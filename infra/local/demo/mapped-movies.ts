import type { JobSpecInput } from '#shared/domain/job-spec.ts';

/** A mapping of the demo, and the same once more in plain JavaScript, to verify it by. */
export interface DemoMapping extends Required<Pick<JobSpecInput, 'columns' | 'where' | 'types'>> {
  /** The row of a value as the verification reads it, 64-bit and decimal numbers as text; undefined: left out. */
  readonly expected: (
    value: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown> | undefined;
  /** A question to the table, `$table` its files. */
  readonly query: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Movies that many have judged, with names and types as an analyst would have them. */
export const mappedMovies: DemoMapping = {
  columns: [
    'title = Title',
    'genre = "Major Genre"',
    `released = strptime("Release Date", '%b %d %Y')::date`,
    'budget = "Production Budget"',
    'profit = "Worldwide Gross" - "Production Budget"',
    'rating = "IMDB Rating"',
  ].join(', '),
  where: '"IMDB Votes" >= 1000',
  types: {
    'Production Budget': 'BIGINT',
    'Worldwide Gross': 'BIGINT',
    'IMDB Rating': 'DECIMAL(3,1)',
    'IMDB Votes': 'INTEGER',
  },
  expected: (movie) => {
    const votes = movie['IMDB Votes'];
    if (typeof votes !== 'number' || votes < 1_000) return undefined;
    const [budget, gross] = [movie['Production Budget'], movie['Worldwide Gross']];
    const [month = '', day, year] = String(movie['Release Date']).split(' ');
    const isKnown = typeof budget === 'number' && typeof gross === 'number';
    return {
      title: textOf(movie.Title),
      genre: textOf(movie['Major Genre']),
      released: `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day}`,
      budget: textOf(budget),
      profit: isKnown ? String(gross - budget) : null,
      rating: typeof movie['IMDB Rating'] === 'number' ? movie['IMDB Rating'].toFixed(1) : null,
    };
  },
  query: `select genre, count(*)::integer as movies, (sum(profit) / 1000000)::integer as "profit M$", avg(rating)::decimal(3,1) as rating
from $table where genre is not null group by genre order by 3 desc limit 5`,
};

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
