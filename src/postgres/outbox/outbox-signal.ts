import pg from 'pg';

import type { OutboxSignal } from '../../outbox/ports.ts';
import { toClientConfig, type ConnectionOptions } from '../connection.ts';

type Options = {
  readonly connection: ConnectionOptions;
  /** Called when the connection failed or was lost; it reconnects by itself. */
  readonly onError: (error: Error) => void;
};

const RETRY_MS = 1000;

/** Listens for the NOTIFY of migration 0008 on its own connection. Without a connection the relay relies on polling. */
export const makeOutboxSignal = ({ connection, onError }: Options): OutboxSignal => {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async (onRows: () => void): Promise<void> => {
    const next = new pg.Client(toClientConfig(connection));
    client = next;
    const lost = (error: Error): void => {
      if (closed || client !== next) return;
      client = undefined;
      next.end().catch(() => undefined);
      onError(error);
      retry = setTimeout(() => void connect(onRows), RETRY_MS).unref();
    };
    next.on('error', lost);
    next.on('end', () => {
      lost(new Error('The connection ended.'));
    });
    next.on('notification', onRows);
    try {
      await next.connect();
      await next.query('LISTEN outbox');
      onRows(); // rows that were written before LISTEN
    } catch (error) {
      lost(error as Error);
    }
  };

  return {
    listen: connect,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
};
