import { generateKeyPairSync } from 'node:crypto';

import { makeCertificate } from './x509.ts';

const DAY_MS = 86_400_000;

/** For localhost and 127.0.0.1. @returns certificate and private key in PEM, valid from yesterday */
export const makeSelfSignedCertificate = ({ days = 1 } = {}): { readonly cert: string; readonly key: string } => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = makeCertificate({
    ...{ subject: 'localhost', issuer: 'localhost', key: privateKey, issuerKey: privateKey },
    use: { names: ['localhost'], addresses: ['127.0.0.1'] },
    from: new Date(Date.now() - DAY_MS),
    to: new Date(Date.now() + days * DAY_MS),
  });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
};
