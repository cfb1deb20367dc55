import pg from 'pg';

const ALL = `
  SELECT md5(concat(
    (SELECT string_agg(u::text, ';' ORDER BY id) FROM users u),
    (SELECT string_agg(c::text, ';' ORDER BY user_id) FROM credentials c),
    (SELECT string_agg(s::text, ';' ORDER BY id) FROM sessions s),
    (SELECT string_agg(o::text, ';' ORDER BY id) FROM orders o),
    (SELECT string_agg(i::text, ';' ORDER BY key_hash) FROM idempotency_keys i)
  )) AS digest`;

/** A digest of every row of every table: it changes with each write. */
export const makeStoredRows = async (adminUrl: string) => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  return {
    digest: async (): Promise<string> => {
      const { rows } = await client.query<{ digest: string }>(ALL);
      return rows[0]?.digest ?? '';
    },
    close: () => client.end(),
  };
};
