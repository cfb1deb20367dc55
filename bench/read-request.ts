// The request sent to all servers and the body that all return: a registered user reads their own account.

type PostResponse = { readonly id: string; readonly access_token: string };

const ACCOUNT = { username: 'bench', name: 'Bench User', email: 'bench@example.com' };
const PASSWORD = 'a long enough passphrase for measuring';

const post = async (url: string, body: object): Promise<PostResponse> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${url} returned ${response.status}: ${await response.text()}`);
  return (await response.json()) as PostResponse;
};

/** @param base URL of the service */
export const makeReadRequest = async (base: string) => {
  const { id } = await post(`${base}/api/v1/users`, { ...ACCOUNT, password: PASSWORD });
  const { access_token } = await post(`${base}/api/v1/auth/login`, { login: ACCOUNT.username, password: PASSWORD });
  const path = `/api/v1/users/${id}`;
  const headers = { authorization: `Bearer ${access_token}` };
  const response = await fetch(`${base}${path}`, { headers });
  if (response.status !== 200) throw new Error(`GET ${path} returned ${response.status}`);
  return { path, headers, body: await response.text() };
};

export type ReadRequest = Awaited<ReturnType<typeof makeReadRequest>>;
