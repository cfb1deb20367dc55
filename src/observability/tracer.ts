// Preload: `node --import ./src/observability/tracer.ts …`, so that the agent that APM names can instrument each library before it is
// imported. No module imports this file: trace-context.ts reads what it publishes. Only the chosen agent is loaded.

import { variable } from '../config/environment.ts';
import { guardIncomingContext } from './spans/incoming-context.ts';
import { TRACER, type PublishedTracer } from './trace-context.ts';

const { env } = process;

const start = async (): Promise<PublishedTracer | undefined> => {
  switch (variable(env, 'APM') ?? 'datadog') {
    case 'datadog': {
      if (env.DD_TRACE_ENABLED === 'false') return undefined;
      const { startDatadog } = await import('./apm/datadog.ts');
      return await startDatadog(env, guardIncomingContext());
    }
    case 'newrelic': {
      const { startNewRelic } = await import('./apm/new-relic.ts');
      return await startNewRelic(env, guardIncomingContext());
    }
    // `none`. Also any other value, which the settings refuse: this file runs in programs without settings too.
    default:
      return undefined;
  }
};

const tracer = await start();
if (tracer !== undefined) Object.assign(globalThis, { [TRACER]: tracer });
