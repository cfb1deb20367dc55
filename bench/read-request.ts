// The request that all servers get, and the body that all answer: a registered user who reads the own account.

type Answer = { readonly id: string; readonly access_token: string };

const ACCOUNT = { username: 'bench', name: 'Bench User', email: 'bench@example.com' };
const PASSWORD = 'a long enough passphrase for measuring';

const post = async (url: string, body: object): Promise<Answer> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${url} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
};

/** @param base address of the service */
export const makeReadRequest = async (base: string) => {
  const { id } = await post(`${base}/api/v1/users`, { ...ACCOUNT, password: PASSWORD });
  const { access_token } = await post(`${base}/api/v1/auth/login`, { login: ACCOUNT.username, password: PASSWORD });
  const path = `/api/v1/users/${id}`;
  const headers = { authorization: `Bearer ${access_token}` };
  const response = await fetch(`${base}${path}`, { headers });
  if (response.status !== 200) throw new Error(`the user was answered ${response.status}`);
  return { path, headers, body: await response.text() };
};

export type ReadRequest = Awaited<ReturnType<typeof makeReadRequest>>;
