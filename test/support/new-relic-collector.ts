// Receives what New Relic's agent sends, and responds as its collector does: preconnect, connect, then data. The agent always uses TLS.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

export const LICENSE_KEY = 'test-license-key-of-40-characters-aaaaaa';
export const ENTITY_GUID = 'TEST-ENTITY-GUID';

type Attributes = Readonly<Record<string, string | number | boolean>>;
type Call = { readonly method: string; readonly body: string };

const connection = (reportPeriodMs: number) => ({
  agent_run_id: 'run-1',
  entity_guid: ENTITY_GUID,
  account_id: '1',
  primary_application_id: '2',
  trusted_account_key: '1',
  sampling_target: 100,
  sampling_target_period_in_seconds: 60,
  data_report_period: 1,
  event_harvest_config: {
    report_period_ms: reportPeriodMs,
    harvest_limits: { analytic_event_data: 1000, error_event_data: 100, span_event_data: 2000 },
  },
});

/** `status`: the response to every request until it is changed. */
export const startNewRelicCollector = async ({ reportPeriodMs = 500 } = {}) => {
  const certificate = makeSelfSignedCertificate();
  const folder = mkdtempSync(join(tmpdir(), 'new-relic-collector-'));
  const authorities = join(folder, 'cert.pem');
  writeFileSync(authorities, certificate.cert);
  const calls: Call[] = [];
  const state = { status: 200 };

  const responseTo = (method: string, key: string | null): { status: number; payload: unknown } => {
    if (state.status !== 200) return { status: state.status, payload: null };
    if (key !== LICENSE_KEY) return { status: 401, payload: null };
    return { status: 200, payload: method === 'connect' ? connection(reportPeriodMs) : null };
  };
  const server = createServer(certificate, (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'https://localhost');
    const method = searchParams.get('method') ?? '';
    const chunks: Buffer[] = [];
    request.on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      calls.push({
        method,
        body: (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString(),
      });
      const { status, payload } = responseTo(method, searchParams.get('license_key'));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ return_value: payload }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const payloads = (method: string): unknown[][] =>
    calls.filter((call) => call.method === method).map(({ body }) => JSON.parse(body) as unknown[]);
  const events = (method: string): Attributes[] =>
    payloads(method)
      .flatMap(([, , rows]) => rows as Attributes[][])
      .map((parts) => Object.assign({}, ...parts) as Attributes);

  return {
    /** The variables of a process that reports to it. */
    env: {
      APM: 'newrelic',
      NEW_RELIC_HOST: '127.0.0.1',
      NEW_RELIC_PORT: String(port),
      NEW_RELIC_LICENSE_KEY: LICENSE_KEY,
      NODE_EXTRA_CA_CERTS: authorities,
    },
    /** The status of all responses from now on. */
    respond: (status: number): void => {
      state.status = status;
    },
    calls: (): readonly Call[] => calls,
    methods: (): string[] => [...new Set(calls.map(({ method }) => method))],
    connections: () => payloads('connect').map(([facts]) => facts as Record<string, unknown>),
    spans: (): Attributes[] => events('span_event_data'),
    transactions: (): Attributes[] => events('analytic_event_data'),
    /** The numbers of a metric, added: calls, total, …, or [] */
    metric: (name: string): number[] =>
      payloads('metric_data')
        .flatMap(([, , , rows]) => rows as [{ name?: string; scope?: string }, number[]][])
        .filter(([identity]) => identity.name === name && identity.scope === undefined)
        .map(([, numbers]) => numbers)
        .reduce((sum, numbers) => numbers.map((value, index) => value + (sum.at(index) ?? 0)), []),
    close: (): void => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type NewRelicCollector = Awaited<ReturnType<typeof startNewRelicCollector>>;
