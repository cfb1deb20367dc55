// The operator's command for dead letters: runs and exits. docs/dead-letters.md says when to use it.

import { environment } from '../config/environment.ts';
import { BacklogError } from '../consumers/backlog.ts';
import { deadLetterTopic } from '../consumers/publish-dead-letter.ts';
import { makeRedrive } from '../consumers/redrive.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import { Unavailable } from '../errors/unavailable.ts';
import { makeKafkaClient } from '../kafka/kafka-client.ts';
import type { Log } from '../observability/log-fields.ts';
import { makeOutboxState } from '../postgres/outbox/outbox-state.ts';
import { makePool } from '../postgres/pool.ts';
import { loadConfigOrExit } from '../composition/load-config-or-exit.ts';
import {
  HELP,
  makeProgress,
  readRedriveCommand,
  summarize,
  UsageError,
  type LettersCommand,
  type RedriveCommand,
} from '../composition/redrive-command.ts';

const EXIT = { done: 0, failed: 1, usage: 64, interrupted: 130 } as const;

/** A redrive that was killed leaves a member behind: the broker waits so long for it, and the next redrive a little longer. */
const SESSION_TIMEOUT_MS = 10_000;
const IDLE_MS = 30_000;

const write = (text: string): void => {
  process.stdout.write(text);
};

const noLine = (): void => undefined;
/** What went wrong is told once, at the end. */
const QUIET: Log = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

const redriveLetters = async (command: LettersCommand): Promise<number> => {
  const config = loadConfigOrExit(environment(), ['kafka', 'consumers']);
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  const crash = Promise.withResolvers<never>();
  const kafka = await makeKafkaClient({ ...config.kafka, logger: QUIET });
  await kafka.check(); // a broker that is not there is told at once
  const publisher = kafka.publisher();
  const subscriber = kafka.subscriber({
    group: `${config.consumers.group}-redrive`,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    onCrash: crash.reject,
  });
  const progress = makeProgress({ isTerminal: process.stdout.isTTY, write }, command);
  const redrive = makeRedrive({ subscriber, publisher, idleMs: IDLE_MS });
  try {
    const { onDeadLetter } = progress;
    const report = await Promise.race([redrive({ ...command, signal: stop.signal, onDeadLetter }), crash.promise]);
    progress.end();
    write(`${summarize(report, command)}\n`);
    return stop.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    await publisher.close();
    await kafka.close();
  }
};

const unparkOutbox = async (): Promise<number> => {
  const { postgres } = loadConfigOrExit(environment(), ['postgres']);
  const pool = makePool({ ...postgres, applicationName: 'user-service-redrive', max: 1, onError: () => undefined });
  try {
    const unparked = await makeOutboxState(pool).unpark();
    write(`${unparked} parked events will be tried again\n`);
    return EXIT.done;
  } finally {
    await pool.end();
  }
};

const run = async (command: RedriveCommand): Promise<number> => {
  if (command.kind === 'letters') return redriveLetters(command);
  if (command.kind === 'outbox') return unparkOutbox();
  write(`${HELP}\n`);
  return EXIT.done;
};

const because = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${cause.message}` : message;

/** One sentence for what an operator can mend, everything for what nobody foresaw. */
const describe = (error: unknown): string => {
  if (error instanceof BacklogError) return error.message;
  if (error instanceof MessagingError || error instanceof Unavailable) return because(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

const explain = (command: RedriveCommand, error: unknown): number => {
  const about = command.kind === 'letters' ? deadLetterTopic(command.topic) : 'outbox';
  process.stderr.write(`${about}: ${describe(error)}\n`);
  return EXIT.failed;
};

const main = async (args: readonly string[]): Promise<number> => {
  try {
    const command = readRedriveCommand(args);
    return await run(command).catch((error: unknown) => explain(command, error));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}\n`);
    return EXIT.usage;
  }
};

// what still holds the event loop, such as a connection that never answers, must not hold the command
process.exit(await main(process.argv.slice(2)));
