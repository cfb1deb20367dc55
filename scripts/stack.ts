// `npm run --silent stack -- <command>`: controls the stack that `npm run gameday` has started, from another terminal or from a block of a runbook.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { EXIT, runCommandLine, UsageError } from '../src/composition/command-line.ts';
import { readAddress, type Reply, type Request } from './gameday/stacks/native/address.ts';
import { COMMANDS } from './gameday/stacks/native/commands.ts';

const names = [...COMMANDS.keys(), 'run'];
const describe = (command: string, does: string): string => `  ${command.trimEnd().padEnd(44)} ${does}`;
const lines = [...COMMANDS].map(([name, { usage, does }]) => describe(`${name} ${usage}`, does));

const HELP = `npm run --silent stack -- <command>

${lines.join('\n')}
${describe('run <process> -- <program> <args…>', 'run a program of src/bin with the settings of a process')}

Parts: postgres, redis, kafka, registry and the processes api, relay, worker, notification-service.
The stack is one that \`npm run gameday -- --stack\` or a drill has started. docs/gameday.md describes it.
Exit codes: 0 success, 1 failure or no stack is running, 64 wrong usage.`;

const call = async (request: Request): Promise<Reply> => {
  const address = readAddress();
  if (address === undefined)
    return { output: 'No stack is running. Start one with: npm run gameday -- --stack', failed: true };
  const response = await fetch(address.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${address.token}` },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`The stack answered ${response.status}.`);
  return (await response.json()) as Reply;
};

const print = ({ output, failed }: Reply): number => {
  (failed ? process.stderr : process.stdout).write(`${output}\n`);
  return failed ? EXIT.failed : EXIT.done;
};

const runProgram = async ([name = '', ...rest]: readonly string[]): Promise<number> => {
  const [program, ...args] = rest[0] === '--' ? rest.slice(1) : rest;
  if (program === undefined) throw new UsageError('run: the program is missing.');
  const settings = await call({ command: 'settings', args: [name] });
  if (settings.failed) return print(settings);
  const pairs = [...settings.output.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]);
  const child = spawn(process.execPath, [`src/bin/${program}.ts`, ...args], {
    stdio: 'inherit',
    // eslint-disable-next-line n/no-process-env -- the program also needs PATH and HOME
    env: { ...process.env, ...(Object.fromEntries(pairs) as Record<string, string>), DD_TRACE_ENABLED: 'false' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? EXIT.failed;
};

const run = async ([command, ...args]: readonly string[]): Promise<number> => {
  const fault = command === undefined ? 'The command is missing' : `"${command}" is unknown`;
  if (command === undefined || !names.includes(command)) throw new UsageError(`${fault}: ${names.join(', ')}.`);
  return command === 'run' ? runProgram(args) : print(await call({ command, args }));
};

process.exitCode = await runCommandLine(HELP, run);
