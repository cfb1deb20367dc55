// The clone of the repository in which a drill works. A release is a commit in it, so that the blocks of runbooks go back with `git switch`.

import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { parseDocument, stringify } from 'yaml';

import { writeScaledRules, SCALED_CLOCK } from '../native/prometheus.ts';
import { ROOT, type Process } from '../stack.ts';
import { OVERRIDE } from './settings.ts';

const AUTHOR = ['-c', 'user.name=gameday', '-c', 'user.email=gameday@localhost', '-c', 'commit.gpgsign=false'];

const gitIn =
  (folder: string) =>
  async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args]);
    return stdout.trim();
  };

/** Compose replaces `$NAME` in its files. */
const literal = (value: string): string => value.replaceAll('$', '$$$$');

export const isClone = (): boolean => existsSync(join(ROOT, '.git'));

/** Whether the working tree of this repository differs from its last commit. */
export const hasChanges = async (): Promise<boolean> => (await gitIn(ROOT)('status', '--porcelain')) !== '';

/** The rules and targets of docker-compose.yml's Prometheus, on a faster clock, and without the Alertmanager, which does not run. */
const scalePrometheus = async (folder: string): Promise<void> => {
  const monitoring = join(folder, 'observability/prometheus');
  writeScaledRules(join(monitoring, 'rules'));
  const file = join(monitoring, 'prometheus.yml');
  const document = parseDocument(await readFile(file, 'utf8'));
  document.set('global', SCALED_CLOCK);
  document.delete('alerting');
  await writeFile(file, document.toString());
};

/** @param folder is replaced. @param override settings of all drills, as a file of Compose */
export const makeCheckout = async (folder: string, override: Readonly<Record<string, unknown>>) => {
  rmSync(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await gitIn(ROOT)('clone', '--quiet', '.', folder);
  const git = gitIn(folder);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');

  const commit = async (message: string, ...paths: string[]): Promise<string> => {
    await git('add', '--', ...paths);
    await git(...AUTHOR, 'commit', '--quiet', '--no-verify', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  await scalePrometheus(folder);
  await writeFile(join(folder, OVERRIDE), stringify(override, { aliasDuplicateObjects: false }));
  let good = await commit('Prepare a game day', OVERRIDE, 'observability');

  return {
    folder,
    /** The commit before the last release. */
    goodCommit: (): string => good,
    /** A release: other settings of one process. */
    release: async (process: Process, settings: Readonly<Record<string, string>>): Promise<void> => {
      const before = await git('rev-parse', 'HEAD');
      const file = join(folder, OVERRIDE);
      const document = parseDocument(await readFile(file, 'utf8'));
      for (const [name, value] of Object.entries(settings))
        document.setIn(['services', process, 'environment', name], literal(value));
      await writeFile(file, document.toString());
      await commit(`Change settings of ${process}`, OVERRIDE);
      good = before;
    },
    rollBack: async (): Promise<void> => {
      await git('switch', '--quiet', '--detach', good);
    },
  };
};

export type Checkout = Awaited<ReturnType<typeof makeCheckout>>;
