// `npm run secrets:scan`: gitleaks over what would be committed and over the whole history. No secret is printed.

import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';

import { EXIT, parseOptions, rejectArgument, runCommandLine } from '../src/composition/command-line.ts';
import { variable } from '../src/config/environment.ts';
import { provide } from './provide.ts';

const HELP = `Searches secrets with gitleaks and the rules of .gitleaks.toml: in the files that Git has or would add, and in every commit of every branch.
A secret that was committed and deleted is found: it has to be revoked, deleting does not help.

  npm run secrets:scan

What is no secret goes into .gitleaks.toml, as narrow as possible, with its reason. Exit codes: 0 none, 1 some or no scan, 64 wrong usage.`;

class ScanError extends Error {}

type Finding = {
  readonly RuleID: string;
  readonly File: string;
  readonly StartLine: number;
  readonly Commit: string;
};

const root = process.cwd();
const CONFIGURATION = join(root, '.gitleaks.toml');
const FOUND = 3;

const git = (...args: string[]): string => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine and in CI
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new ScanError(`git ${args[0] ?? ''} failed: is this a repository?`);
  return stdout;
};

const gitleaks = (): string => {
  const given = variable(env, 'GITLEAKS');
  if (given !== undefined) return given;
  const provided = provide('gitleaks');
  if (typeof provided === 'string') throw new ScanError(provided);
  return provided.GITLEAKS ?? 'gitleaks';
};

/** @throws ScanError unless gitleaks has looked at everything */
const scan = (program: string, args: readonly string[], folder: string, cwd: string): Finding[] => {
  const report = join(folder, 'report.json');
  const { error, status, stderr } = spawnSync(
    program,
    [
      ...args,
      ...[
        '--config',
        CONFIGURATION,
        '--redact',
        '--no-banner',
        '--no-color',
        '--log-level',
        'warn',
        '--ignore-gitleaks-allow',
      ],
      ...['--report-format', 'json', '--report-path', report, '--exit-code', String(FOUND)],
    ],
    { cwd, encoding: 'utf8' },
  );
  if (error !== undefined)
    throw new ScanError(`${program} can not be run (${(error as NodeJS.ErrnoException).code ?? ''})`);
  if (status !== 0 && status !== FOUND)
    throw new ScanError(`gitleaks ended with exit code ${String(status)}:\n${stderr}`);
  return JSON.parse(readFileSync(report, 'utf8')) as Finding[];
};

/** A copy, because gitleaks would read what Git ignores: installed packages, keys for demos. */
const copyTree = (folder: string): number => {
  const paths = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean);
  const files = [...new Set(paths)].filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile());
  for (const path of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  return files.length;
};

const format = ({ RuleID, File, StartLine, Commit }: Finding): string => {
  const where = `${RuleID}: ${File}:${StartLine}`;
  return Commit === '' ? where : `${where} in commit ${Commit.slice(0, 12)}`;
};

const scanAll = (folder: string): { counts: string; found: string[] } => {
  if (git('rev-parse', '--is-shallow-repository').trim() === 'true')
    throw new ScanError('This clone has a part of the history only: git fetch --unshallow');
  const program = gitleaks();
  const tree = join(folder, 'tree');
  const files = copyTree(tree);
  // A merge can add what no branch has; git log shows nothing of merges by default.
  const history = ['git', '.', '--log-opts=--all --full-history --diff-merges=remerge'];
  const findings = [...scan(program, ['dir', '.'], folder, tree), ...scan(program, history, folder, root)];
  const commits = git('rev-list', '--all', '--count').trim();
  return {
    counts: `${files} files and ${commits} commits searched`,
    found: [...new Set(findings.map(format))],
  };
};

const main = (args: readonly string[]): void => {
  rejectArgument(parseOptions(args, {}).positionals[0]);
  const folder = mkdtempSync(join(tmpdir(), 'secret-scan-'));
  try {
    const { counts, found } = scanAll(folder);
    for (const line of found) process.stdout.write(`${line}\n`);
    process.stdout.write(`${counts}, ${found.length} secrets found\n`);
    if (found.length > 0) process.exitCode = EXIT.failed;
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.failed;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

await runCommandLine(HELP, main);
