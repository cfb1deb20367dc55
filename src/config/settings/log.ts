import { Type } from 'typebox';
import { choice } from '../setting.ts';

export const log = Type.Object(
  {
    level: choice('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      description: 'Minimum level of the log lines that are written.',
    }),
    format: choice('LOG_FORMAT', ['json', 'console'], {
      default: 'json',
      description: '`json` for log collectors, `console` for a terminal.',
    }),
  },
  { description: 'Logging to standard output.' },
);
