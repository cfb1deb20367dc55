// The command line for dead letters: runs and exits. docs/dead-letters.md says when to use it.

import { environment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import { makeRedrive } from '../consumers/redrive.ts';
import { makeKafkaClient } from '../kafka/kafka-client.ts';
import type { Log } from '../observability/log-fields.ts';
import { makeOutboxState } from '../postgres/outbox/outbox-state.ts';
import { makePool } from '../postgres/pool.ts';
import { EXIT, runCommandLine } from '../composition/command-line.ts';
import {
  HELP,
  makeProgress,
  readRedriveCommand,
  summarize,
  type DeadLettersCommand,
} from '../composition/redrive-command.ts';

/** After a redrive was killed, the broker waits this long for its group member, and the next redrive a little longer than that. */
const SESSION_TIMEOUT_MS = 10_000;
const IDLE_MS = 30_000;

const write = (text: string): void => {
  process.stdout.write(text);
};

const noLine = (): void => undefined;
/** An error is reported once, at the end. */
const QUIET: Log = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

const redriveDeadLetters = async (command: DeadLettersCommand): Promise<number> => {
  const config = loadConfig(environment(), ['kafka', 'consumers']);
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  const crash = Promise.withResolvers<never>();
  const kafka = await makeKafkaClient({ ...config.kafka, logger: QUIET });
  await kafka.check(); // an unreachable broker is reported at once
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

const retryParkedEvents = async (): Promise<number> => {
  const { postgres } = loadConfig(environment(), ['postgres']);
  const pool = makePool({ ...postgres, applicationName: 'user-service-redrive', max: 1, onError: () => undefined });
  try {
    const unparked = await makeOutboxState(pool).unpark();
    write(`${unparked} parked events will be retried\n`);
    return EXIT.done;
  } finally {
    await pool.end();
  }
};

const run = (args: readonly string[]): Promise<number> => {
  const command = readRedriveCommand(args);
  return command.kind === 'outbox' ? retryParkedEvents() : redriveDeadLetters(command);
};

// the exit is explicit: an open handle, such as a connection that never answers, must not keep the command running
process.exit(await runCommandLine(HELP, run));
