// Datadog's synthetic test of the purchase journey: the body of `POST /api/v1/synthetics/tests/api`, a multistep API test. Format: SyntheticsAPITest in
// https://github.com/DataDog/datadog-api-client-typescript, variables in https://docs.datadoghq.com/synthetics/multistep.

import { escalationSummary, roleOf } from '../oncall/escalation.ts';
import { readOnCall } from '../oncall/read-oncall.ts';
import { runbookOf } from '../slo/alerts.ts';
import { readSlos } from '../slo/definitions.ts';

export type Assertion =
  | { readonly type: 'statusCode'; readonly operator: 'is'; readonly target: number }
  | { readonly type: 'responseTime'; readonly operator: 'lessThan'; readonly target: number }
  | {
      readonly type: 'body';
      readonly operator: 'validatesJSONPath';
      readonly target: { readonly jsonPath: string; readonly operator: 'is'; readonly targetValue: string };
    };
export type Extraction = {
  readonly name: string;
  readonly type: 'http_body';
  readonly parser: { readonly type: 'json_path'; readonly value: string };
  readonly secure: boolean;
};
export type Step = {
  readonly name: string;
  readonly subtype: 'http';
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeout: number;
  };
  readonly assertions: readonly Assertion[];
  readonly extractedValues?: readonly Extraction[];
  readonly retry?: { readonly count: number; readonly interval: number };
  /** The next steps run all the same; with `isCritical` the test has failed. */
  readonly allowFailure?: boolean;
  readonly isCritical?: boolean;
};
export type Definition = {
  readonly name: string;
  readonly message: string;
  readonly locations: readonly string[];
  readonly config: {
    readonly configVariables: readonly { readonly name: string; readonly pattern: string }[];
    readonly steps: readonly Step[];
  };
};

/** Terraform's `replace()` fills them in. */
export const BASE_URL = '$' + '{base_url}';
const ENV = '$' + '{env}';

const is = (status: number): Assertion => ({ type: 'statusCode', operator: 'is', target: status });
const within = (milliseconds: number): Assertion => ({
  ...{ type: 'responseTime', operator: 'lessThan' },
  target: milliseconds,
});
const bodyHas = (jsonPath: string, targetValue: string): Assertion => ({
  ...{ type: 'body', operator: 'validatesJSONPath' },
  target: { jsonPath, operator: 'is', targetValue },
});
const extract = (name: string, value: string, secure = false): Extraction => ({
  ...{ name, type: 'http_body', secure },
  parser: { type: 'json_path', value },
});

type Call = { readonly body?: object; readonly token?: string };

const call = (name: string, method: string, path: string, { body, token }: Call) => ({
  name,
  subtype: 'http' as const,
  request: {
    method,
    url: `${BASE_URL}/api/v1${path}`,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer {{ ${token} }}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeout: 10,
  },
});

const PASSWORD = '{{ PASSWORD }}';
/** The account is erased after a failure, too. */
const FAILS_AFTER_ERASURE = { allowFailure: true, isCritical: true };

const registration = {
  ...{ username: '{{ USERNAME }}', name: 'A Journey', email: '{{ USERNAME }}@example.com' },
  password: PASSWORD,
};

const steps = (): Step[] => [
  {
    ...call('register', 'POST', '/users', { body: registration }),
    assertions: [is(201), within(2000)],
    extractedValues: [extract('USER_ID', '$.id')],
  },
  {
    ...call('log in', 'POST', '/auth/login', { body: { login: '{{ USERNAME }}', password: PASSWORD } }),
    assertions: [is(200), within(2000)],
    extractedValues: [extract('TOKEN', '$.access_token', true)],
  },
  {
    ...call('place order', 'POST', '/orders', { body: { amountMinor: 1999, currency: 'EUR' }, token: 'TOKEN' }),
    assertions: [is(202), within(2000), bodyHas('$.status', 'placed')],
    extractedValues: [extract('ORDER_ID', '$.id')],
    ...FAILS_AFTER_ERASURE,
  },
  {
    ...call('confirmation', 'GET', '/orders/{{ ORDER_ID }}', { token: 'TOKEN' }),
    assertions: [is(200), bodyHas('$.status', 'confirmed')],
    retry: { count: 5, interval: 3000 },
    ...FAILS_AFTER_ERASURE,
  },
  {
    ...call('enter the password again', 'POST', '/auth/reauthenticate', {
      body: { password: PASSWORD },
      token: 'TOKEN',
    }),
    assertions: [is(200)],
    extractedValues: [extract('FRESH_TOKEN', '$.access_token', true)],
  },
  {
    ...call('erase', 'DELETE', '/users/{{ USER_ID }}', { token: 'FRESH_TOKEN' }),
    assertions: [is(204)],
  },
];

const configVariables = [
  { name: 'USERNAME', type: 'text', pattern: 'journey-{{ uuid }}', example: 'journey-' },
  { name: 'PASSWORD', type: 'text', pattern: '{{ alphanumeric(24) }}', example: '', secure: true },
];

const ALERT = 'SyntheticJourneyFailed';

const messageOf = (): string => {
  const { runbooks, owner } = readSlos();
  const onCall = readOnCall();
  return [
    'Somebody who registers, logs in and orders does not get a confirmed order.\n',
    `Runbook: ${runbookOf(runbooks, ALERT)}`,
    `Owner: ${owner}`,
    `Escalation: ${escalationSummary(onCall, ALERT, 'page')}`,
    `@${roleOf(onCall, 'primary').handle}`,
  ].join('\n');
};

export const syntheticTest = (): Definition & Readonly<Record<string, unknown>> => {
  const { service, owner } = readSlos();
  return {
    name: `${service}: a user registers, orders and leaves`,
    ...{ type: 'api', subtype: 'multi', status: 'live' },
    message: messageOf(),
    tags: [`service:${service}`, `env:${ENV}`, `team:${owner}`, 'severity:page'],
    // a placeholder: the regions of your users, or a private location
    locations: ['aws:eu-central-1', 'aws:eu-west-1'],
    options: { tick_every: 300, min_failure_duration: 600, min_location_failed: 2, monitor_priority: 1 },
    config: { configVariables, steps: steps() },
  };
};

export const syntheticsFile = (): string => `${JSON.stringify([syntheticTest()], undefined, 2)}\n`;
