// `npm run demo:vault`: how user-service gets its secrets from HashiCorp Vault. docs/vault.md describes the set-up.

import { EXIT, runCommandLine } from '../src/composition/command-line.ts';
import { provide } from './provide.ts';
import { HELP, readDemoArguments } from './vault/demo/arguments.ts';
import { openDemo, type Demo } from './vault/demo/open-demo.ts';
import { sendRequests } from './vault/demo/send-requests.ts';
import { showDemo } from './vault/demo/show.ts';
import { VaultError } from './vault/vault-error.ts';

const demoArguments = await runCommandLine(HELP, readDemoArguments);
const interrupted = new AbortController();
const onSignal = (): void => {
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted); // the second Ctrl-C does not wait
  interrupted.abort();
};
process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
const { signal } = interrupted;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const report = (line: string): void => {
  signal.throwIfAborted();
  print(line);
};

/** @throws VaultError VAULT_MISSING */
const findProgram = (): string => {
  const provided = provide('vault');
  if (typeof provided !== 'string') return provided.VAULT ?? 'vault';
  throw new VaultError('VAULT_MISSING', `The demo needs the program vault: ${provided}. VAULT can be set to its path.`);
};

const describe = (error: unknown): string => {
  const { message, code } = error as { message: string; code?: string };
  return code === 'VAULT_PORT_TAKEN' ? `${message} Choose another one with --port, or --port 0.` : message;
};

let demo: Demo | undefined;
try {
  demo = await openDemo({ ...demoArguments, program: findProgram(), report });
  report('sending 20 requests per second');
  const sending = await sendRequests(demo.api.url);
  try {
    await showDemo({ demo, sending, arguments: demoArguments, print, signal });
  } finally {
    const { sent, failed } = await sending.stop();
    print(`\n${sent} requests, ${failed} failed`);
    for (const reason of sending.reasons()) print(`  ${reason}`);
    process.exitCode = failed === 0 ? EXIT.done : EXIT.failed;
  }
} catch (error) {
  process.stderr.write(`\n${signal.aborted ? 'Interrupted.' : describe(error)}\n`);
  process.exitCode = signal.aborted ? EXIT.interrupted : EXIT.failed;
} finally {
  await demo?.close();
}
process.exit();
