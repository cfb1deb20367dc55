// Statements sent together are one transaction to PostgreSQL, so those that refuse one go out one by one.

/** A quoted body, a quoted value, a quoted name, a comment, or one character. */
const PART = /\$\$.*?\$\$|'[^']*'|"[^"]*"|--[^\n]*|./gs;

/** The statements of an SQL text without comments and closing semicolons. `$$` is the only dollar quote it knows. */
export const splitStatements = (sql: string): string[] => {
  const statements = [];
  let statement = '';
  for (const [part] of sql.matchAll(PART)) {
    if (part === ';') {
      statements.push(statement);
      statement = '';
    } else if (!part.startsWith('--')) statement += part;
  }
  return [...statements, statement].map((text) => text.trim()).filter((text) => text !== '');
};
