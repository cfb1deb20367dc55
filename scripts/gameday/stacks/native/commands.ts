// The commands of `npm run stack`. They run in the process that started the stack.

import { PROCESSES, SERVERS, type Part, type Process } from '../stack.ts';
import { formatTable } from '../../timeline.ts';
import type { NativeStack } from './native-stack.ts';
import { groupOf } from './process-group.ts';
import { serverOf } from './servers.ts';

type Command = {
  /** The arguments, for the help text. */
  readonly usage: string;
  readonly does: string;
  /** @returns what is printed */
  readonly run: (native: NativeStack, args: readonly string[]) => string | Promise<string>;
};

const PARTS: readonly Part[] = [...SERVERS, ...PROCESSES];
const DEFAULT_LINES = 20;

/** @throws Error with the names that exist */
const oneOf = <T extends string>(names: readonly T[], name: string | undefined): T => {
  const found = names.find((known) => known === name);
  if (found === undefined) throw new Error(`"${name ?? ''}" is unknown: ${names.join(', ')}.`);
  return found;
};
const partOf = (name: string | undefined): Part => oneOf(PARTS, name);
const processOf = (name: string | undefined): Process => oneOf(PROCESSES, name);

const given = (value: string | undefined, what: string): string => {
  if (value === undefined) throw new Error(`${what} is missing.`);
  return value;
};

const optionOf = (args: readonly string[], name: string): string | undefined => {
  const place = args.indexOf(name);
  return place === -1 ? undefined : args.at(place + 1);
};

export const asTable = (rows: readonly Readonly<Record<string, unknown>>[]): string => {
  const [first] = rows;
  if (first === undefined) return '(no rows)';
  const text = (value: unknown): string => {
    if (value instanceof Date) return value.toISOString();
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return formatTable([['', ...Object.keys(first)], ...rows.map((row) => ['', ...Object.values(row).map(text)])]);
};

const listParts = ({ servers, groups }: NativeStack): string =>
  formatTable([
    ['', 'part', 'state', 'pid', 'version', 'management'],
    ...SERVERS.map((name) => {
      const { state, pid, port } = serverOf(servers, name);
      return ['', name, state(), String(pid() ?? ''), '', `port ${port}`];
    }),
    ...PROCESSES.flatMap((name) => {
      const group = groupOf(groups, name);
      return group
        .members()
        .map(({ instance, managementPort }, place) => [
          ...['', `${name}-${place}`, instance.state(), String(instance.pid ?? '')],
          ...[group.version(), `http://127.0.0.1:${managementPort}`],
        ]);
    }),
  ]);

const logsOf = async ({ stack }: NativeStack, [name, ...args]: readonly string[]): Promise<string> => {
  const match = optionOf(args, '--match') ?? '';
  const lines = Number(optionOf(args, '--lines') ?? DEFAULT_LINES);
  const all = (await stack.output(processOf(name))).trimEnd().split('\n');
  const found = all.filter((line) => line.includes(match)).slice(-lines);
  return found.length === 0 ? `(no line contains "${match}")` : found.join('\n');
};

const pairsOf = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const place = pair.indexOf('=');
      if (place < 1) throw new Error(`"${pair}" is not NAME=value.`);
      return [pair.slice(0, place), pair.slice(place + 1)];
    }),
  );

const formatSettings = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

const readLags = async ({ lag }: NativeStack): Promise<string> => asTable(await lag());

const COMMAND_TABLE = {
  ps: { usage: '', does: 'list servers and processes, with state, pid and address', run: listParts },
  logs: {
    usage: '<process> [--lines N] [--match TEXT]',
    does: 'print the last lines of a process, 20 by default',
    run: logsOf,
  },
  start: {
    usage: '<part>',
    does: 'start a part that is down; resolves when it is ready',
    run: async ({ stack }, [part]) => {
      await stack.start(partOf(part));
      return `${part ?? ''} is running`;
    },
  },
  stop: {
    usage: '<part>',
    does: 'end a part; it stays down',
    run: async ({ servers, groups }, [name]) => {
      const part = partOf(name);
      const server = SERVERS.find((known) => known === part);
      await (server === undefined
        ? groupOf(groups, processOf(name)).endAll('SIGTERM')
        : serverOf(servers, server).stop());
      return `${part} is down`;
    },
  },
  restart: {
    usage: '<part>',
    does: 'end a part and start it again; resolves when it is ready',
    run: async ({ stack }, [part]) => {
      await stack.restart(partOf(part));
      return `${part ?? ''} is running`;
    },
  },
  scale: {
    usage: '<process> <n>',
    does: 'run n instances of a process',
    run: async ({ stack }, [name, count]) => {
      if (!/^\d{1,2}$/.test(count ?? '')) throw new Error('The number of instances is missing, or not 0 to 99.');
      await stack.scale(processOf(name), Number(count));
      return `${name ?? ''} has ${count ?? ''} instances`;
    },
  },
  deploy: {
    usage: '<process> NAME=value…',
    does: 'restart all instances with changed settings',
    run: async ({ stack, groups }, [name, ...pairs]) => {
      const process = processOf(name);
      await stack.deploy(process, pairsOf(pairs));
      return `${process} has version ${groupOf(groups, process).version()}`;
    },
  },
  rollback: {
    usage: '<process>',
    does: 'restart all instances with the settings before the last deploy',
    run: async ({ stack, groups }, [name]) => {
      const process = processOf(name);
      await stack.rollBack(process);
      await groupOf(groups, process).allReady();
      return `${process} has version ${groupOf(groups, process).version()}`;
    },
  },
  settings: {
    usage: '<process>',
    does: 'print the settings of a process, or of the programs migrate and backup',
    run: ({ groups, programs }, [name]) =>
      formatSettings(programs.get(name ?? '') ?? groupOf(groups, processOf(name)).settings()),
  },
  sql: {
    usage: "'<SQL>'",
    does: 'run SQL as superuser, in the database of the service',
    run: async ({ stack }, [text]) => asTable(await stack.sql(given(text, 'The SQL'))),
  },
  redis: {
    usage: '<command…>',
    does: 'run a command of Redis',
    run: async ({ stack }, args) => {
      const reply = await stack.redis(args);
      return typeof reply === 'string' ? reply : JSON.stringify(reply, undefined, 2);
    },
  },
  lag: { usage: '', does: 'print how far each consumer group is behind', run: readLags },
  secret: {
    usage: '<file> <path>',
    does: "replace a secret file by that file's content",
    run: async ({ stack }, [file, path]) => {
      const { readFile } = await import('node:fs/promises');
      await stack.writeSecret(given(file, 'The file'), await readFile(given(path, 'The path'), 'utf8'));
      return `${file ?? ''} is replaced`;
    },
  },
  secrets: {
    usage: '',
    does: 'list the secret files, and whether an earlier content is kept',
    run: async ({ secrets }) => asTable(await secrets.list()),
  },
  'restore-secret': {
    usage: '<file>',
    does: 'write the content that a secret file had before it was last replaced',
    run: async ({ secrets }, [file]) => {
      await secrets.restore(given(file, 'The file'));
      return `${file ?? ''} is restored`;
    },
  },
} satisfies Record<string, Command>;

export const COMMANDS: ReadonlyMap<string, Command> = new Map(Object.entries<Command>(COMMAND_TABLE));
