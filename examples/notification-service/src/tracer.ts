// Preload: `node --import ./src/tracer.ts src/main.ts`, so that dd-trace instruments each library before it is imported. It continues the trace of
// each event and adds the ids to log lines; no other file knows it. DD_TRACE_ENABLED=false and DD_TRACE_AGENT_URL are variables of dd-trace.

import 'dd-trace/register.js'; // the hook that instruments ES modules
import { tracer } from 'dd-trace';

import { readIdentity } from './config.ts';
import { onLastSpans } from './last-spans.ts';

const FLUSH_TIMEOUT_MS = 500;

/** Features that need an agent, cost time, or send what nobody asked for. */
const OFF = {
  DD_CODE_ORIGIN_FOR_SPANS_ENABLED: 'false',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_GIT_METADATA_ENABLED: 'false', // would add the commit and the URL of the repository that it is started in
};

const { env } = process;
// dd-trace takes some empty variables for values
for (const [name, value] of Object.entries(env)) if (value === '' && /^(?:DD|OTEL)_/.test(name)) delete env[name]; // eslint-disable-line security/detect-object-injection, @typescript-eslint/no-dynamic-delete -- as above
Object.assign(env, { ...OFF, ...env });
tracer.init({ ...readIdentity(env), logInjection: true, runtimeMetrics: false, startupLogs: false });
// the path of a URL has the id of a user; host and method are tags of their own
tracer.use('fetch', { hooks: { request: (span) => span?.setTag('http.url', undefined) } });

// missing in dd-trace's types: the only way to wait until the last spans are sent
type Flushing = { readonly _tracer?: { flushAll?(done: () => void, options: { timeout: number }): void } };

onLastSpans(
  () =>
    new Promise((resolve) => {
      const { _tracer } = tracer as unknown as Flushing;
      if (_tracer?.flushAll === undefined) resolve();
      else _tracer.flushAll(resolve, { timeout: FLUSH_TIMEOUT_MS });
    }),
);
