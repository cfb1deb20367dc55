// `npm run test:rotation`: every secret changes while users send requests. docs/rotation.md describes it.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  describeFailure,
  EXIT,
  parseOptions,
  readInteger,
  rejectArgument,
  runCommandLine,
  UsageError,
} from '../src/composition/command-line.ts';
import { openAll, type Closings } from './gameday/stacks/closings.ts';
import { provide } from './provide.ts';
import { findSecrets, formsOf } from './rotation/find-secrets.ts';
import { makeReport, type Report } from './rotation/report.ts';
import { runMode } from './rotation/run-mode.ts';
import { makeSecrets, type Secrets } from './rotation/secrets.ts';
import { openServers } from './rotation/servers.ts';
import type { Mode } from './vault/configure-vault.ts';

const MODES: readonly Mode[] = ['dynamic', 'static'];
const LEAST_BYTES = 100_000_000;
const ENOUGH = 20_000;
const RATE = 200;

const HELP = `npm run test:rotation [-- options]

Starts PostgreSQL, Redis, Kafka, a schema registry, Vault with an agent for each process, and api, relay and worker. While users send 200
requests per second, the database credentials change about every 10 seconds, the signing key and a client secret twice, the passwords of Redis
and Kafka once, and Vault is gone for 12 seconds. No request may fail. Then leases are revoked, and everything that was written is searched for secrets.

  --mode dynamic|static   only this mode of Vault's database logins; default: both, one after the other
  --requests N            the least number of requests of a mode; default: ${ENOUGH}
  --rate N                requests per second; default: ${RATE}
  --lease N               seconds that a dynamic login lives; default: 14, which makes a new one about every 10 seconds
  --backoff N             max_backoff of the agents in seconds; default: 20
  --patient               time limits for a busy machine instead of the defaults
  --keep                  keep the folder of logs, spans and metrics
  --help                  show this help

Needs vault on PATH or in VAULT. Takes about 5 minutes. Exit codes: 0 passed or skipped, 1 failed, 64 invalid usage, 130 interrupted.`;

const OPTIONS = {
  mode: { type: 'string' },
  requests: { type: 'string', default: String(ENOUGH) },
  rate: { type: 'string', default: String(RATE) },
  lease: { type: 'string', default: '14' },
  backoff: { type: 'string', default: '20' },
  patient: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
} as const;

const MANY = [1, 1_000_000] as const;

const readOptions = (args: readonly string[]) => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  const mode = MODES.find((known) => known === values.mode);
  if (values.mode !== undefined && mode === undefined)
    throw new UsageError(`--mode ${values.mode}: there is no such mode. Modes: ${MODES.join(', ')}.`);
  const [requests, lease] = [
    readInteger('--requests', values.requests, MANY),
    readInteger('--lease', values.lease, [5, 3600]),
  ];
  const rate = readInteger('--rate', values.rate, [1, 1000]);
  const maxBackoff = `${readInteger('--backoff', values.backoff, [1, 300])}s`;
  const { patient, keep } = values;
  return { modes: mode === undefined ? MODES : [mode], requests, rate, lease, maxBackoff, patient, keep };
};
type Options = ReturnType<typeof readOptions>;

/** Static passwords change at the end of the period, a dynamic login is replaced before the end of its lease. */
const STATIC_PERIOD_SECONDS = 10;

const search = async (files: readonly string[], secrets: Secrets, folder: string, report: Report): Promise<void> => {
  const present = files.filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);
  const { findings, bytes } = await findSecrets(present, secrets.all());
  const places = [...new Set(findings.map(({ file, kind, form }) => `${kind} in ${form} in ${file}`))];
  const mb = (bytes / 1e6).toFixed(0);
  const figure = `${findings.length} found of ${secrets.all().size}, in ${mb} MB of ${present.length} files`;
  report.check(
    'secrets in logs, spans and metrics',
    findings.length === 0,
    [figure, ...places.slice(0, 10)].join('; '),
  );
  report.check('searched', bytes >= LEAST_BYTES, `${mb} MB`);

  const planted = secrets.make('planted secret');
  const forms = [...formsOf(planted).keys()];
  const file = join(folder, 'planted.log');
  writeFileSync(file, forms.map((text) => JSON.stringify({ message: `a line with ${text}.` })).join('\n'));
  const found = (await findSecrets([file], secrets.all())).findings.length;
  report.check('planted secrets are found', found === forms.length, `${found} of ${forms.length} forms`);
};

const runModes = async (options: Options, vault: string, folder: string, report: Report, closings: Closings) => {
  const secrets = makeSecrets();
  report.say('starting PostgreSQL, Redis, Kafka and the schema registry');
  const servers = await openServers(join(folder, 'servers'), secrets, closings);
  const files: string[] = [];
  for (const mode of options.modes) {
    const leaseSeconds = mode === 'static' ? STATIC_PERIOD_SECONDS : options.lease;
    const { maxBackoff, patient } = options;
    const own = { mode, vault, leaseSeconds, maxBackoff, patient, folder: join(folder, mode), servers, secrets };
    files.push(...(await runMode({ ...own, report: report.say }, options, report)));
  }
  report.say('searching what was written');
  await search(files, secrets, folder, report);
  return {};
};

const test = async (options: Options): Promise<number> => {
  const provided = provide('vault');
  if (typeof provided === 'string') {
    console.log(`SKIPPED: needs Vault: ${provided}\n0 passed, 0 failed, 1 skipped`);
    return EXIT.done;
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(EXIT.interrupted));
  const folder = mkdtempSync(join(tmpdir(), 'user-service-rotation-'));
  const report = makeReport(console.log);
  let failure = 0;
  try {
    const { close } = await openAll((closings) => runModes(options, provided.VAULT ?? '', folder, report, closings));
    await close();
  } catch (error) {
    failure = 1;
    process.stderr.write(`${describeFailure(error)}\n`);
  } finally {
    if (options.keep) console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
  const { passed, failed } = report.counts();
  if (passed + failed > 0) console.log(`\n${report.table()}`);
  console.log(`${passed} passed, ${failed + failure} failed, 0 skipped`);
  return failed + failure === 0 ? EXIT.done : EXIT.failed;
};

process.exit(await runCommandLine(HELP, (args) => test(readOptions(args)))); // what still waits is not waited for
