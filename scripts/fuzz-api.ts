// `npm run fuzz`: property-based tests of the running API, made by schemathesis from the OpenAPI document. The service runs as `npm start`
// runs it, on a real PostgreSQL of its own. Reports stay in .cache/fuzz/report.
//
//   npm run fuzz -- --cases 10000   at least so many cases (1000 unless told)
//   npm run fuzz -- --seed 7        the cases of an earlier run

import { execFile, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { parseArgs, promisify } from 'node:util';

import { makeUserServiceClient } from '../clients/user-service-client/src/user-service-client.ts';
import { startProgram } from '../test/support/child-process.ts';
import { freePort } from '../test/support/free-port.ts';

const PLACE = join(import.meta.dirname, '../.cache/fuzz');
const REPORTS = join(PLACE, 'report');
const BIN = join(PLACE, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
const REQUIREMENTS = join(import.meta.dirname, 'fuzz-api.requirements.txt');

const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance'],
  ...['response_schema_conformance', 'negative_data_rejection', 'missing_required_header', 'unsupported_method'],
  ...['allow_header_conformance', 'use_after_free', 'ignored_auth'],
  // not positive_data_acceptance: which passwords and currencies are good is the domain's to say, not a schema's;
  // not ensure_resource_availability: somebody else's account, also one just registered, is not there for the caller
];
/** Statuses that refuse, too: a change without If-Match is answered 428 (RFC 6585), and what makes an address too long 414. */
const CONFIG = `[checks]
missing_required_header.expected-statuses = [400, 401, 403, 428]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428]
`;
/** What an answer is called that breaks the document's promises, in schemathesis’ reports. */
const UNDOCUMENTED = /^(?:Undefined|MissingContentType|MissingHeaders|Malformed|ContentDeserialization|JsonSchema)/;
const EXAMPLES = 50;

const run = promisify(execFile);

const installed = async (): Promise<void> => {
  const done = join(PLACE, 'venv', 'installed.txt');
  const wanted = await readFile(REQUIREMENTS, 'utf8');
  if ((await readFile(done, 'utf8').catch(() => '')) === wanted) return;
  console.log('fetching schemathesis once …');
  await run('python3', ['-m', 'venv', '--clear', join(PLACE, 'venv')]);
  await run(join(BIN, 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS]);
  await writeFile(done, wanted);
};

const startService = async () => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const service = startProgram('local', {
    args: ['--fresh', '--directory', join(PLACE, 'service')],
    env: {
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_PORT: String(managementPort),
      HTTP_RATE_LIMIT_PER_SECOND: '1000000',
      HTTP_RATE_LIMIT_BURST: '1000000',
      HTTP_STRICT_LIMIT_PER_MINUTE: '1000000',
      AUTH_ACCESS_TOKEN_TTL_SECONDS: '3600',
    },
  });
  const [, clientId = '', clientSecret = ''] = await service.prints(/demo service {2,}(\S+) \/ (\S+)/);
  return { service, clientId, clientSecret, baseUrl: `http://127.0.0.1:${port}` };
};

type Service = Awaited<ReturnType<typeof startService>>;

const newUser = async ({ baseUrl }: Service) => {
  const client = makeUserServiceClient({ baseUrl });
  const username = `fuzz-${randomUUID()}`;
  const password = 'three quiet rivers';
  const user = await client.registerUser({ username, name: 'Fuzz', email: `${username}@example.com`, password });
  const { body } = await client.logIn({ login: username, password });
  return { id: user.body.id, token: body.access_token };
};

const serviceToken = async ({ baseUrl, clientId, clientSecret }: Service): Promise<string> => {
  const client = makeUserServiceClient({ baseUrl });
  return (await client.issueClientToken({ client_id: clientId, client_secret: clientSecret })).body.access_token;
};

type Pass = { readonly name: string; readonly token: string; readonly args: readonly string[]; readonly id?: string };

const only = (...ids: string[]): string[] => ids.flatMap((id) => ['--include-operation-id', id]);
const but = (...ids: string[]): string[] => ids.flatMap((id) => ['--exclude-operation-id', id]);

/** Who calls what. The last one ends what its token stands for, and goes on with it. */
const makePasses = async (service: Service): Promise<Pass[]> => {
  const [user, leaving] = [await newUser(service), await newUser(service)];
  return [
    { name: 'a user', token: user.token, args: but('logOut', 'eraseUser') },
    { name: 'a user, own account', ...user, args: only('readUser', 'changeProfile', 'changePassword') },
    { name: 'a service', token: await serviceToken(service), args: only('readUser', 'listUsers', 'placeOrder') },
    { name: 'a user who leaves', ...leaving, args: only('logOut', 'eraseUser', 'readUser') },
  ];
};

type Failure = { readonly type: string; readonly title: string; readonly count: number; readonly operations: unknown };
type Report = { readonly test_cases: { readonly generated: number }; readonly failures: readonly Failure[] };

const fuzz = async ({ name, token, args, id }: Pass, { baseUrl }: Service, seed: number): Promise<Report> => {
  const file = `${name.replaceAll(/\W+/g, '-')}-${seed}`;
  const config = join(REPORTS, `${file}.toml`);
  const report = join(REPORTS, `${file}.json`);
  const parameters = id === undefined ? '' : `[parameters]\n"path.id" = "${id}"\n`;
  await writeFile(config, `${CONFIG}${parameters}`);
  const options = [
    ...['--config-file', config, '--no-color', 'run', `${baseUrl}/openapi.json`, '--url', baseUrl, ...args],
    ...['--header', `Authorization: Bearer ${token}`, '--checks', CHECKS.join(','), '--continue-on-failure'],
    ...['--max-examples', String(EXAMPLES), '--seed', String(seed), '--warnings', 'off'],
    ...['--report-json-path', report],
  ];
  const child = spawn(join(BIN, 'schemathesis'), options, { stdio: ['ignore', 'pipe', 'inherit'], cwd: REPORTS });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) console.log(output);
  return JSON.parse(await readFile(report, 'utf8')) as Report;
};

const python = await run('python3', ['--version']).catch(() => undefined);
if (python === undefined) {
  console.log('SKIPPED: the fuzz needs python3.');
  process.exit(env.CI === 'true' ? 1 : 0);
}

const { values } = parseArgs({ options: { cases: { type: 'string' }, seed: { type: 'string' } } });
const wanted = Number(values.cases ?? 1000);
let seed = Number(values.seed ?? randomInt(1_000_000));

await rm(REPORTS, { recursive: true, force: true });
await mkdir(REPORTS, { recursive: true });
await installed();
const started = performance.now();
const service = await startService();
const failures: Failure[] = [];
let cases = 0;
try {
  while (cases < wanted) {
    for (const pass of await makePasses(service)) {
      const report = await fuzz(pass, service, seed);
      cases += report.test_cases.generated;
      failures.push(...report.failures);
      console.log(
        `seed ${seed}, ${pass.name}: ${report.test_cases.generated} cases, ${report.failures.length} failures`,
      );
    }
    seed += 1;
  }
} finally {
  service.service.kill('SIGTERM');
  await service.service.exited;
}

const count = (isMeant: (type: string) => boolean): number =>
  failures.filter(({ type }) => isMeant(type)).reduce((sum, failure) => sum + failure.count, 0);
const serverErrors = count((type) => type === 'ServerError');
const undocumented = count((type) => UNDOCUMENTED.test(type));
const others = count((type) => type !== 'ServerError' && !UNDOCUMENTED.test(type));
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${cases} cases in ${seconds} s: ${serverErrors} server errors, ${undocumented} undocumented answers, ${others} other failures`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
