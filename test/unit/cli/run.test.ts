import { describe, expect, it } from 'vitest';
import { commands } from '../../../cli/commands/all.ts';
import { freePorts } from '../../../infra/local/free-port.ts';
import { jobsHere } from '../../support/jobs-here.ts';

const jobs = (words: string) => jobsHere(words === '' ? [] : words.split(' '));

describe('a command line that cannot be understood', () => {
  it.each([
    ['shwo', 'the command must be one of ls, show,'],
    ['show', 'show must be followed by <job>, got 0 words; see npm run -s jobs -- help show'],
    ['show a b', 'show must be followed by <job>, got 2 words'],
    ['ls a', 'ls must be followed by no word, got 1 words'],
    ['show ../x', 'a job must be an id or a name, 1-64 of A-Z a-z 0-9 _ -, got "../x"'],
    ['resolve a %2F committed', 'a task must be an id or a name'],
    ['preview - --job a/b', 'a job must be an id or a name'],
    ['preview - --from {', '--from must be JSON where it begins with a brace, got {'],
    ['ls --all', "Unknown option '--all'"],
    ['ls --url', "Option '--url <value>' argument missing"],
    ['ls --json=yes', "Option '--json' does not take an argument"],
    ['ls --limit 0', '--limit must be a whole number from 1 to 100, got 0'],
    ['tasks a --limit x', '--limit must be a whole number from 1 to 100, got x'],
    ['resolve a b perhaps', 'the outcome must be committed or not-committed, got perhaps'],
    ['ls --url ftp://127.0.0.1', 'must be http:// or https://'],
    ['ls --sign Ireland', '--sign must be a region like eu-west-1, got Ireland'],
    ['help nothing', 'the command must be one of'],
    ['stop a', 'stop must be given --yes where nobody can be asked'],
    ['create /nowhere/at/all', '/nowhere/at/all cannot be read: ENOENT'],
    ['create -', 'the standard input must hold JSON, it does not'],
  ])('%s: is told in a sentence, with code 2', async (words, said) => {
    const input = words.startsWith('preview') ? '{}' : '';
    const { code, out, err } = await jobsHere(words.split(' '), { input });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err.split('\n')).toHaveLength(2);
  });

  it.each(['[]', '3', 'null', '"text"'])(
    'a file that holds %s is no JSON object',
    async (input) => {
      const { code, err } = await jobsHere(['create', '-'], { input });
      expect(code).toBe(2);
      expect(err).toMatch(/^the standard input must hold a JSON object, got (an? \w+|null)\n$/);
    },
  );
});

describe('help', () => {
  it('fits on a screen of 24 lines, and names every command', async () => {
    const { code, out, err } = await jobs('help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    const named = lines.map((line) => /^ {2}([a-z-]+) /.exec(line)?.[1]);
    for (const { name } of commands) expect(named).toContain(name);
    expect((await jobs('--help')).out).toBe(out);
    expect(await jobs('')).toEqual({ code: 2, out: '', err: out });
  });

  it.each(commands.map(({ name }) => [name]))(
    'of %s fits, too, however it is asked for',
    async (name) => {
      const { code, out } = await jobs(`help ${name}`);
      expect(code).toBe(0);
      expect(out).toContain(`npm run -s jobs -- ${name}`);
      const lines = out.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
      expect((await jobs(`${name} --help`)).out).toBe(out);
      expect((await jobs(`-h ${name}`)).out).toBe(out);
    },
  );
});

it('options of all commands may stand before the name', async () => {
  const [port] = await freePorts(1);
  const { code, err } = await jobs(`--url http://127.0.0.1:${port} --json ls`);
  expect({ code, err }).toEqual({
    code: 3,
    err: `nothing answers at http://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}; is npm start running?\n`,
  });
});
