// `npm run test:compose`, `test:image`, `test:chart`: runs one project of vitest.engine.config.ts and prints its counts as the last line. Further
// arguments are passed to Vitest.

import { runVitest } from './vitest-suite.ts';

const [suite = '', ...further] = process.argv.slice(2);
const args = ['--config', 'vitest.engine.config.ts', '--project', suite, '--reporter=verbose', ...further];
const { passed, failed, skipped } = await runVitest(args);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
