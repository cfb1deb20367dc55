import { Type } from 'typebox';
import { choice } from '../setting.ts';

export const log = Type.Object(
  {
    level: choice('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      description: 'The least severe level that is written.',
    }),
    format: choice('LOG_FORMAT', ['json', 'console'], {
      default: 'json',
      description: '`json` for machines, `console` for people.',
    }),
  },
  { description: 'What is written to standard output, and how.' },
);
