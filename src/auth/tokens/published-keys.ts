// Private keys that do not keep a secret: anyone could sign tokens with them.

import { CodedError } from '../../errors/coded-error.ts';
import type { KeySet } from './key-set.ts';

/** The x coordinates of example keys that are published together with their private half. */
const PUBLISHED = new Set([
  'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', // RFC 7515, appendix A.3
  'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', // RFC 7517, appendix A.2
  'EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84', // the example of jwt.io
]);

/** The beginning of the `kid` of keys that demos make. */
export const DEMO_KID = 'demo-';

const invalid = (message: string): CodedError => new CodedError('SECRET_INVALID', message);

/**
 * @param isProduction then keys of a demo are refused, too: they were made on a laptop, and files of demos are copied
 * @throws CodedError without content of the set
 */
export const refusePublishedKeys = (keys: KeySet, isProduction: boolean): KeySet => {
  for (const [index, { x, kid }] of keys.publicJwks.entries()) {
    if (PUBLISHED.has(x)) throw invalid(`has a published example key (number ${index + 1}), which signs for everyone`);
    if (isProduction && kid.startsWith(DEMO_KID)) throw invalid(`has the key of a demo (number ${index + 1})`);
  }
  return keys;
};
