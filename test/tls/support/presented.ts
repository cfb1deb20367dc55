import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type ConnectionOptions } from 'node:tls';

import { eventually } from '../../support/eventually.ts';
import type { KeyPair } from '../../support/private-authority.ts';

const serialNumberOf = async (at: ConnectionOptions): Promise<string | undefined> => {
  const socket = connect({ ...at, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.serialNumber;
  } finally {
    socket.destroy();
  }
};

/** Resolves when a server shows this certificate to new connections. */
export const presents = (at: ConnectionOptions, { cert }: KeyPair): Promise<void> =>
  eventually(
    async () => {
      if ((await serialNumberOf(at)) !== new X509Certificate(cert).serialNumber) throw new Error('another certificate');
    },
    { deadlineMs: 30_000 },
  );
