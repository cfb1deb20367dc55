// A private certificate authority, as an organisation runs one for its databases and brokers.

import { generateKeyPairSync } from 'node:crypto';

import { makeCertificate } from './x509.ts';

/** In PEM. */
export type KeyPair = { readonly cert: string; readonly key: string };

type Server = {
  /** Default: `localhost`. */
  readonly names?: readonly string[];
  /** IPv4. Default: 127.0.0.1. */
  readonly addresses?: readonly string[];
  /** Valid until, in days from now; negative for one that has expired. Default: 1. */
  readonly days?: number;
};

export type PrivateAuthority = {
  /** The certificate of the authority, for those who trust it. */
  readonly pem: string;
  /** A certificate for a server, and its key. */
  issue(server?: Server): KeyPair;
};

const DAY_MS = 86_400_000;
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** @param name its common name: two authorities of one test need two */
export const makePrivateAuthority = (name: string): PrivateAuthority => {
  const issuerKey = newKey();
  const from = new Date(Date.now() - 30 * DAY_MS);
  const to = new Date(Date.now() + 30 * DAY_MS);
  const pem = makeCertificate({ subject: name, issuer: name, use: 'authority', from, to, key: issuerKey, issuerKey });
  return {
    pem,
    issue: ({ names = ['localhost'], addresses = ['127.0.0.1'], days = 1 } = {}) => {
      const key = newKey();
      const until = new Date(Date.now() + days * DAY_MS);
      const use = { names, addresses };
      const cert = makeCertificate({ subject: 'server', issuer: name, use, from, to: until, key, issuerKey });
      return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
    },
  };
};
