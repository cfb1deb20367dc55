// Prints the recovery point and the recovery time (goal R24) of a PostgreSQL with a million users, with the settings of docs/backup.md: the drill of
// test/restore at full size.

import { runVitest } from '../scripts/vitest-suite.ts';

const SIZE = { RESTORE_USERS: '1000000', RESTORE_ARCHIVE_TIMEOUT: '30' };

const args = ['--config', 'vitest.engine.config.ts', '--project', 'restore', 'test/restore/drill.test.ts'];
const { lines, passed, failed } = await runVitest(args, SIZE);
console.log(`\n${lines.filter((line) => line.startsWith('RESTORE')).join('\n')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
