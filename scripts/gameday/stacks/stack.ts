// What a drill can do to the system, whichever way the system runs.

import { join } from 'node:path';

/** This checkout of the repository. */
export const ROOT = join(import.meta.dirname, '../../..');

export const SERVERS = ['postgres', 'redis', 'kafka', 'registry'] as const;
export const PROCESSES = ['api', 'relay', 'worker', 'notification-service'] as const;
export type Server = (typeof SERVERS)[number];
export type Process = (typeof PROCESSES)[number];
export type Part = Server | Process;
export type State = 'running' | 'paused' | 'down';

/** Where a block of a runbook is for: processes of this machine, Docker Compose, or a cluster. */
export const TARGETS = ['local', 'compose', 'kubectl'] as const;
export type Target = (typeof TARGETS)[number];

export type Stack = {
  readonly target: Target;
  /** Where blocks of runbooks are executed: a checkout of the repository, which a block may change. */
  readonly folder: string;
  /** The environment of the blocks of runbooks: API_URL, PROMETHEUS_URL, and what runbooks/README.md lists. */
  readonly variables: Readonly<Record<string, string>>;
  readonly apiUrl: string;
  /** SIGKILL. It stays down until `start` or `restart`. */
  readonly kill: (part: Part) => Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. `restart` ends it. Rejects on a cluster: a pod cannot be suspended. */
  readonly pause: (part: Part) => Promise<void>;
  readonly resume: (part: Part) => Promise<void>;
  /** Resolves when it is ready. */
  readonly start: (part: Part) => Promise<void>;
  readonly restart: (part: Part) => Promise<void>;
  /** Restarts all instances of a process with changed settings, as a new release would. Does not wait until they are ready. */
  readonly deploy: (process: Process, env: Readonly<Record<string, string>>) => Promise<void>;
  /** Restarts them with the settings that they had before the last `deploy`. */
  readonly rollBack: (process: Process) => Promise<void>;
  readonly scale: (process: Process, instances: number) => Promise<void>;
  /** As superuser. @param database default: that of the service. @returns the rows */
  readonly sql: (text: string, database?: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A command of Redis. */
  readonly redis: (args: readonly string[]) => Promise<unknown>;
  /** Raw messages, for example such that no consumer can read. */
  readonly produce: (topic: string, messages: readonly { key?: string; value: string }[]) => Promise<void>;
  /** Replaces a secret file of the service, as an operator or a rotation would. */
  readonly writeSecret: (file: string, content: string) => Promise<void>;
  readonly readSecret: (file: string) => Promise<string>;
  /** Replaces the file of the feature flags. */
  readonly writeFlags: (content: string) => Promise<void>;
  /** What a process has printed to standard output since it was first started. */
  readonly output: (process: Process) => Promise<string>;
};

export type Span = {
  readonly service: string;
  readonly name: string;
  readonly resource: string;
  readonly ms: number;
  readonly failed: boolean;
};

export type OpenStack = {
  readonly stack: Stack;
  /** The spans of a trace, where the stack keeps them. */
  readonly spansOf: (traceId: string) => readonly Span[];
  readonly close: () => Promise<void>;
};

export type StackOpener = (report: (line: string) => void) => Promise<OpenStack>;
