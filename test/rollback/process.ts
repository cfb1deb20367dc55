import { join } from 'node:path';

import { startProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { settingsOf } from './settings.ts';

const HERE = join(import.meta.dirname, '../..');

export type Role = 'api' | 'relay' | 'worker';

type Options = {
  readonly role: Role;
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the release. Default: this one. */
  readonly root?: string;
};

/** Starts a process of a release. It may not be ready yet when the promise resolves. */
export const startProcess = async ({ role, env, root = HERE }: Options) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const ports = { HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(managementPort) };
  const program = startProgram(role, { root, env: { ...(await settingsOf(root, env)), ...ports } });
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  const state: { exitCode?: number | null } = {};
  void program.exited.then((code) => (state.exitCode = code));
  const logs = (): string => `${program.output.stdout.slice(-2000)}${program.output.stderr}`;
  return {
    output: program.output,
    url: `http://127.0.0.1:${port}/api/v1`,
    /** Resolves when its readiness endpoint returns this status. */
    becomes: async (status: 200 | 503): Promise<void> => {
      await eventually(
        async () => {
          if ('exitCode' in state) return;
          const response = await fetch(`${managementUrl}/health/ready`);
          const text = await response.text();
          if (response.status !== status) throw new Error(`Readiness of ${role} is ${text}: ${logs()}`);
        },
        { deadlineMs: 60_000, everyMs: 100 },
      );
      if ('exitCode' in state) throw new Error(`The ${role} exited with ${String(state.exitCode)}: ${logs()}`);
    },
    backend: { port, managementUrl },
    end: async (): Promise<number | null> => {
      program.kill('SIGTERM');
      return program.exited;
    },
  };
};

export type Process = Awaited<ReturnType<typeof startProcess>>;

type Database = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly ownerUser: string;
  readonly ownerPassword: string;
};

/** Environment variables of `migrate` for a database. */
export const migrateEnv = (at: Database): Record<string, string> => ({
  DD_ENV: 'test',
  POSTGRES_HOST: at.host,
  POSTGRES_PORT: String(at.port),
  POSTGRES_DATABASE: at.database,
  POSTGRES_MIGRATION_USER: at.ownerUser,
  POSTGRES_MIGRATION_PASSWORD: at.ownerPassword,
});

/**
 * Runs `migrate up` of a release, as its deployment does.
 * @returns its standard output
 * @throws when its exit code is not 0
 */
export const migrateUp = async (at: Database, root = HERE): Promise<string> => {
  const program = startProgram('migrate', { root, args: ['up'], env: migrateEnv(at) });
  const code = await program.exited;
  if (code !== 0) throw new Error(`migrate up exited with ${String(code)}: ${program.output.stderr}`);
  return program.output.stdout.trim();
};

/** Prints the result of one check; scripts/rollback.ts repeats these lines at the end. */
export const reportCheck = (check: string, result: string): void => {
  process.stdout.write(`check  ${check}: ${result.replaceAll('\n', ', ')}\n`);
};
