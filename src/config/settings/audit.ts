import { Type } from 'typebox';
import { text } from '../setting.ts';

export const audit = Type.Object(
  {
    log: text('AUDIT_LOG', {
      default: 'stdout',
      pattern: '^(?:stdout|stderr|file:.+)$',
      expected: 'stdout, stderr, or file: and a path',
      description:
        'Where security events are written: `stdout` beside the application logs (each line has `"log":"audit"`), `stderr`, or `file:` and a path on a volume of its own. A file that cannot be opened at start is an error.',
    }),
  },
  { description: 'The audit log, see docs/management.md. LOG_LEVEL does not apply to it.' },
);
