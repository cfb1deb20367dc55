import pg from 'pg';

import type { OutboxSignal } from '../../outbox/ports.ts';
import { prepareSession, toClientConfig, type ConnectionOptions } from '../connection.ts';
import { credentialsOf, isSameLogin } from '../credentials.ts';
import { CHANNEL } from './outbox-notifier.ts';

type Options = {
  readonly connection: ConnectionOptions;
  /** Called when the connection failed or was lost; it reconnects by itself. */
  readonly onError: (error: Error) => void;
  /**
   * How often it checks that its server still accepts writes (a connection to a server that was replaced stays open and silent) and that its
   * credentials are still in use. Default: 1000.
   */
  readonly verifyMs?: number;
};

const RETRY_MS = 1000;

/** Listens for notifications (outbox-notifier.ts) on its own connection. Without a connection the relay relies on polling. */
export const makeOutboxSignal = ({ connection, onError, verifyMs = 1000 }: Options): OutboxSignal => {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const newest = credentialsOf(connection);

  const connect = async (onRows: () => void): Promise<void> => {
    const credentials = newest();
    const next = new pg.Client(toClientConfig({ ...connection, credentials: () => credentials }));
    client = next;
    const lost = (error: Error): void => {
      if (closed || client !== next) return;
      client = undefined;
      next.end().catch(() => undefined);
      onError(error);
      clearTimeout(timer);
      timer = setTimeout(() => void connect(onRows), RETRY_MS).unref();
    };
    next.on('error', lost);
    next.on('end', () => {
      lost(new Error('The connection ended.'));
    });
    next.on('notification', onRows);
    const connectAgain = (): void => {
      client = undefined;
      next.end().catch(() => undefined);
      void connect(onRows);
    };
    const verify = (): void => {
      timer = setTimeout(() => {
        if (client !== next) return;
        if (isSameLogin(credentials, newest())) prepareSession(next, connection).then(verify, lost);
        else connectAgain();
      }, verifyMs).unref();
    };
    try {
      await next.connect();
      await prepareSession(next, connection);
      await next.query(`LISTEN ${CHANNEL}`);
      verify();
      onRows(); // rows that were written before LISTEN
    } catch (error) {
      lost(error as Error);
    }
  };

  return {
    listen: connect,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
};
