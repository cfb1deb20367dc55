import { Type } from 'typebox';

import { LEVELS, type LogLevel } from '../../observability/diagnostics/log-level.ts';
import type { Api } from '../api.ts';
import type { AuditAction } from './audit-action.ts';

type Deps = { readonly logLevel: LogLevel; readonly auditAction: AuditAction };

const DEFAULT_MINUTES = 15;
/** An hour of debug lines is a lot; a day is the most. */
const MAX_MINUTES = 1440;

const change = Type.Object(
  {
    level: Type.Enum([...LEVELS]),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_MINUTES })),
  },
  { additionalProperties: false },
);

export const addLogLevel = (api: Api, { logLevel, auditAction }: Deps): void => {
  api.get('/log-level', () => logLevel.state());

  api.put('/log-level', { schema: { body: change } }, (request) => {
    const { level, minutes = DEFAULT_MINUTES } = request.body;
    logLevel.set(level, minutes);
    auditAction({ action: 'log-level', level, minutes });
    return logLevel.state();
  });

  api.delete('/log-level', () => {
    logLevel.reset();
    const state = logLevel.state();
    auditAction({ action: 'log-level', level: state.level });
    return state;
  });
};
