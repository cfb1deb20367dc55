import type { Client, GuessLimit } from '../../../src/rate-limit/ports.ts';

export const CLIENT_ADDRESS: Client = {
  address: '192.0.2.7',
  networks: [{ key: '192.0.2.7', factor: 1 }],
  neighbourhood: '192.0.2.0/24',
};

const turn = { key: '192.0.2.0/24', preferred: false };

/** Records whose guesses were counted, and allows all. */
export const makeFakeGuesses = () => {
  const accounts: string[] = [];
  const guesses: GuessLimit = {
    signIn: (account, _client, verify) => {
      accounts.push(account);
      return verify(turn);
    },
    byUser: (userId, _client, verify) => {
      accounts.push(userId);
      return verify(turn);
    },
    forget: () => Promise.resolve(),
  };
  return { accounts, guesses };
};
