import { Type } from 'typebox';
import { choice } from '../setting.ts';

export const telemetry = Type.Object(
  {
    apm: choice('APM', ['datadog', 'newrelic', 'none'], {
      default: 'datadog',
      description: 'The agent that makes spans. The preload reads it before any other module is loaded.',
    }),
  },
  { description: 'Where spans and metrics go.' },
);
