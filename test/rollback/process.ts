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
  /** Of the release; this one unless told otherwise. */
  readonly root?: string;
};

/** A process of some release, not yet ready when the promise resolves. */
export const startProcess = async ({ role, env, root = HERE }: Options) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const ports = { HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(managementPort) };
  const program = startProgram(role, { root, env: { ...(await settingsOf(root, env)), ...ports } });
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  const life: { endedWith?: number | null } = {};
  void program.exited.then((code) => (life.endedWith = code));
  const said = (): string => `${program.output.stdout.slice(-2000)}${program.output.stderr}`;
  return {
    output: program.output,
    url: `http://127.0.0.1:${port}/api/v1`,
    /** Resolves when its readiness is answered with this status. */
    becomes: async (status: 200 | 503): Promise<void> => {
      await eventually(
        async () => {
          if ('endedWith' in life) return;
          const answer = await fetch(`${managementUrl}/health/ready`);
          const text = await answer.text();
          if (answer.status !== status) throw new Error(`The ${role} says ${text}: ${said()}`);
        },
        { deadlineMs: 60_000, everyMs: 100 },
      );
      if ('endedWith' in life) throw new Error(`The ${role} ended with ${String(life.endedWith)}: ${said()}`);
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

/** Environment of `migrate` for a database. */
export const migrateEnv = (at: Database): Record<string, string> => ({
  DD_ENV: 'test',
  POSTGRES_HOST: at.host,
  POSTGRES_PORT: String(at.port),
  POSTGRES_DATABASE: at.database,
  POSTGRES_MIGRATION_USER: at.ownerUser,
  POSTGRES_MIGRATION_PASSWORD: at.ownerPassword,
});

/**
 * Runs `migrate up` of some release, as its deployment does.
 * @returns what it printed
 * @throws when it does not end with 0
 */
export const migrateUp = async (at: Database, root = HERE): Promise<string> => {
  const program = startProgram('migrate', { root, args: ['up'], env: migrateEnv(at) });
  const code = await program.exited;
  if (code !== 0) throw new Error(`migrate up ended with ${String(code)}: ${program.output.stderr}`);
  return program.output.stdout.trim();
};

/** One line per cell of the matrix: what was seen. */
export const saw = (cell: string, seen: string): void => {
  process.stdout.write(`cell  ${cell}: ${seen.replaceAll('\n', ', ')}\n`);
};
