// All instances of one process, with the settings of the current release and of those before it.

import { freePort } from '../../../../test/support/free-port.ts';
import type { Process } from '../stack.ts';
import { startInstance, type Instance } from './instance.ts';
import { programOf, type Ports } from './settings.ts';

type Member = Ports & { instance: Instance };

type Options = {
  readonly name: Process;
  readonly logFile: string;
  readonly settings: (ports: Ports) => Record<string, string>;
  /** Called when instances are added or removed. */
  readonly onScaled: () => void;
};

/** A release: settings that differ from the usual ones. */
type Release = Readonly<Record<string, string>>;

const versionOf = (number: number): Release => ({ DD_VERSION: `1.${number}.0` });

/** Without instances. */
export const makeProcessGroup = ({ name, logFile, settings, onScaled }: Options) => {
  let members: Member[] = [];
  let number = 0;
  const releases: Release[] = [versionOf(0)];
  const current = (): Release => releases.at(-1) ?? {};
  const envOf = (ports: Ports): Record<string, string> => ({ ...settings(ports), ...current() });

  const launch = (ports: Ports): Instance =>
    startInstance({
      args: programOf(name),
      env: envOf(ports),
      logFile,
      managementUrl: `http://127.0.0.1:${ports.managementPort}`,
    });
  const allReady = async (): Promise<void> => {
    await Promise.all(
      members.map(async ({ instance }, place) => {
        await instance.ready().catch((error: unknown) => {
          throw new Error(`${name}-${place} ${error instanceof Error ? error.message : String(error)}`);
        });
      }),
    );
  };
  const endAll = (signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> =>
    Promise.all(members.map(({ instance }) => instance.end(signal)));
  const replaceAll = async (): Promise<void> => {
    await endAll('SIGTERM');
    for (const member of members) member.instance = launch(member);
  };
  const add = async (): Promise<void> => {
    const ports = { port: await freePort(), managementPort: await freePort() };
    members.push({ ...ports, instance: launch(ports) });
  };

  return {
    members: (): readonly Readonly<Member>[] => members,
    settings: (): Record<string, string> => envOf(members[0] ?? { port: 0, managementPort: 0 }),
    version: (): string => current().DD_VERSION ?? '',
    launchMissing: (): void => {
      for (const member of members) if (member.instance.state() === 'down') member.instance = launch(member);
    },
    allReady,
    endAll,
    replaceAll,
    pause: (): void => {
      for (const { instance } of members) instance.pause();
    },
    resume: (): void => {
      for (const { instance } of members) instance.resume();
    },
    scale: async (count: number): Promise<void> => {
      while (members.length < count) await add();
      const removed = members.slice(count);
      members = members.slice(0, count);
      onScaled();
      await Promise.all(removed.map(({ instance }) => instance.end('SIGTERM')));
    },
    deploy: async (env: Release): Promise<void> => {
      number += 1;
      releases.push({ ...current(), ...versionOf(number), ...env });
      await replaceAll();
    },
    rollBack: async (): Promise<void> => {
      if (releases.length > 1) releases.pop();
      await replaceAll();
    },
  };
};

export type ProcessGroup = ReturnType<typeof makeProcessGroup>;
export type Groups = Readonly<Record<Process, ProcessGroup>>;

export const groupOf = (groups: Groups, name: Process): ProcessGroup => groups[name]; // eslint-disable-line security/detect-object-injection -- a name of the type
