import pg from 'pg';

import type { OutboxSignal } from '../../outbox/ports.ts';
import { toClientConfig, type ConnectionOptions } from '../connection.ts';

type Options = {
  readonly connection: ConnectionOptions;
  /** Told when the connection could not be made or was lost; the next attempt comes by itself. */
  readonly onError: (error: Error) => void;
};

const RETRY_MS = 1000;

/** NOTIFY of migration 0008, on a connection of its own. Until it is there, and while it is lost, the relay lives on polling. */
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
      onRows(); // what was written before it listened
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
