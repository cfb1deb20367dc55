// The flags of kubectl and helm that runbooks may use are flags of the installed programs. Skipped where they are not on PATH.

import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import type { Flags } from './runbooks/programs/flags.ts';
import { HELM, HELM_ANY, KUBECTL, KUBECTL_ANY } from './runbooks/programs/kubectl-flags.ts';

/** `pod` of the vocabulary stands for `pods`, `create job` is called with a name only. */
const helpOf = (program: string, subcommand: string): string => {
  const { stdout } = spawnSync(program, [...subcommand.split(' '), '--help'], { encoding: 'utf8' });
  return program === 'kubectl' ? `${stdout}${spawnSync(program, ['options'], { encoding: 'utf8' }).stdout}` : stdout;
};

/** In a help text: `-l, --selector=''` or `--watch`. */
const isIn = (help: string, flag: string): boolean => {
  const name = flag.replace('=', '');
  return help.split('\n').some((row) => row.trimStart().startsWith('-') && row.split(/[\s,=]+/).includes(name));
};

const missing = (program: string, vocabulary: Readonly<Record<string, Flags>>, any: Flags): string[] =>
  Object.entries(vocabulary).flatMap(([subcommand, flags]) => {
    const help = helpOf(program, subcommand);
    return [...flags, ...any]
      .filter((flag) => !isIn(help, flag))
      .map((flag) => `${program} ${subcommand} has no flag ${flag.replace('=', '')}`);
  });

const isInstalled = (program: string, args: readonly string[]): boolean => spawnSync(program, args).status === 0;

describe.skipIf(!isInstalled('kubectl', ['version', '--client']))('kubectl', () => {
  it('knows the flags of the vocabulary', () => {
    expect(missing('kubectl', KUBECTL, KUBECTL_ANY)).toEqual([]);
  });

  it('is found with a flag that it does not know', () => {
    expect(missing('kubectl', { scale: ['--pods='] }, [])).toEqual(['kubectl scale has no flag --pods']);
  });
});

describe.skipIf(!isInstalled('helm', ['version']))('helm', () => {
  it('knows the flags of the vocabulary', () => {
    expect(missing('helm', HELM, HELM_ANY)).toEqual([]);
  });
});
