// The configuration of New Relic's agent. It holds no secret. Variables of the agent (NEW_RELIC_…) override it, except those that
// src/observability/apm/new-relic-environment.ts fixes. What may leave the process is decided in src/observability/spans/new-relic.ts.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

// beside src/ in a checkout, beside dist/ in the image
const { version: packageVersion } = require('../../package.json');

const { env } = process;

/** The variable, the file that NEW_RELIC_LICENSE_KEY_FILE names, or new_relic_license_key in SECRETS_DIR. */
const licenseKey = () => {
  const file = env.NEW_RELIC_LICENSE_KEY_FILE || join(env.SECRETS_DIR || '/run/secrets', 'new_relic_license_key');
  try {
    return env.NEW_RELIC_LICENSE_KEY || readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // the preload says what is missing, and ends the process
  }
};

exports.config = {
  app_name: [env.DD_SERVICE || 'user-service'],
  license_key: licenseKey(),
  labels: { env: env.DD_ENV || 'local', version: env.DD_VERSION || packageVersion },
  // the service logs when delivery stops and when it works again; the root file system is read-only
  logging: { enabled: false, filepath: 'stdout', level: 'info' },
  // standard output is collected already, and our logger writes the ids of a trace
  application_logging: {
    enabled: false,
    forwarding: { enabled: false },
    local_decorating: { enabled: false },
    metrics: { enabled: false },
  },
  // the account's settings in the web interface could switch on what is off here
  ignore_server_configuration: true,
  allow_all_headers: false,
  attributes: {
    enabled: true,
    include_enabled: false,
    exclude: ['request.parameters.*', 'request.headers.*', 'request.uri'],
  },
  // probes and scrapes would use up the sampled traces
  rules: { ignore: ['^/health/', '^/metrics$'] },
  // a refused request is no error of the service
  error_collector: { ignore_status_codes: ['400-499'] },
  // the allow-list removes messages; it needs them to tell the lines of a stack from those of a message
  strip_exception_messages: { enabled: false },
  transaction_tracer: { enabled: false, record_sql: 'obfuscated' },
  slow_sql: { enabled: false },
  // a process that continues a trace records it exactly if the process that began it does
  distributed_tracing: {
    enabled: true,
    sampler: { remote_parent_sampled: 'always_on', remote_parent_not_sampled: 'always_off' },
  },
  // outbox/ and consumers/ continue the trace of each event; the plugin would start a trace per message
  instrumentation: { kafkajs: { enabled: false }, pino: { enabled: false } },
  custom_insights_events: { enabled: false },
  browser_monitoring: { enable: false },
  code_level_metrics: { enabled: false },
  // each asks a cloud's metadata server at start
  utilization: {
    detect_aws: false,
    detect_azure: false,
    detect_azurefunction: false,
    detect_gcp: false,
    detect_pcf: false,
    detect_docker: true,
    detect_kubernetes: true,
  },
};
