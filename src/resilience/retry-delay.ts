import { randomInt } from 'node:crypto';

type Bounds = { readonly firstMs: number; readonly lastMs: number };

/** Doubles with each attempt (the first is 1) up to the last; up to half of it is chance, so that members don't come back as one. */
export const retryDelayMs = (attempt: number, { firstMs, lastMs }: Bounds): number => {
  const longest = Math.min(firstMs * 2 ** (attempt - 1), lastMs);
  return randomInt(Math.ceil(longest / 2), Math.floor(longest) + 1);
};
