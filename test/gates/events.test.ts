// The gate of `npm run events:check` passes api-specs/events, and reports every violation of event-cases.ts with a sentence that says what to do.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { checkEvents } from '../../scripts/events/check-events.ts';
import { reads } from '../../scripts/events/compatibility.ts';
import { readContract } from '../../scripts/events/contract.ts';
import { findIncompatibleChanges } from '../../scripts/events/incompatible-changes.ts';
import { EVENT_CASES } from './event-cases.ts';
import { addField, nextVersion, withContract } from './event-contract.ts';

const root = join(import.meta.dirname, '../..');

const faultsOf = (directory: string): string[] => {
  const { events, faults } = checkEvents(directory);
  return [...faults, ...events.flatMap((event) => event.faults)];
};

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/events-check.ts', ...args], { cwd: root });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe('the event gate', () => {
  it('passes the published events', () => {
    expect(faultsOf(join(root, 'api-specs/events'))).toEqual([]);
  });

  it('passes the base contract', () => {
    expect(withContract([], faultsOf)).toEqual([]);
  });

  it.each(EVENT_CASES)('finds the violation: %s', (_, edits, faults) => {
    expect(withContract(edits, faultsOf)).toEqual(faults);
  });

  it.each(EVENT_CASES)('explains exactly what avsc rejects: %s', (_, edits) => {
    const versions = withContract(edits, readContract).events.flatMap((event) => event.versions);
    for (const [index, newer] of versions.entries())
      for (const older of versions.slice(0, index)) {
        const readable = reads(newer.type, older.type) && reads(older.type, newer.type);
        expect(findIncompatibleChanges(older, newer).length === 0).toBe(readable);
      }
  });
});

describe('npm run events:check', () => {
  it('prints a line per event and a summary', () => {
    const { status, stdout } = run();

    expect(status).toBe(0);
    expect(stdout).toContain('✓ user-profile-changed v1 v2\n');
    expect(stdout).toMatch(/\n6 events, 7 versions, 1 pair compared: 0 faults\n$/);
  });

  it('exits 1 and names the fault', () => {
    const { status, stdout } = withContract([nextVersion(addField('country', 'string'))], (directory) =>
      run(directory),
    );

    expect(status).toBe(1);
    expect(stdout).toBe(
      '✗ user-registered v1 v2\n' +
        '  user-registered/v2.avsc adds "country" without a default: give it one, so that v2 can read what v1 wrote.\n' +
        '1 event, 2 versions, 1 pair compared: 1 fault\n',
    );
  });

  it.each([
    [['nowhere'], 'Folder not found: nowhere'],
    [['docs'], 'docs has no policy.yaml: it is not a folder of events.'],
    [['docs', 'src'], 'unexpected argument "src"'],
    [['--all'], `Unknown option '--all'`],
  ])('exits 64 for %j, with the usage', (args, sentence) => {
    const { status, stderr } = run(...args);

    expect(status).toBe(64);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('npm run events:check [-- folder]');
  });

  it('explains itself', () => {
    expect(run('--help')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('Exit codes') as string,
    });
  });
});
