// PostgreSQL runs statements that are sent together in one transaction, so those that cannot run in one are sent separately.

/** A quoted body, a quoted value, a quoted name, a comment, or one character. */
const PART = /\$\$.*?\$\$|'[^']*'|"[^"]*"|--[^\n]*|./gs;

/** The statements of an SQL text without comments and closing semicolons. `$$` is the only supported dollar quote. */
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
