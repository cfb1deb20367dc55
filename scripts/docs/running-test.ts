// Whether a test file has a test that can run: one that is neither skipped itself nor inside a block that is always skipped.

import ts from 'typescript';

const BLOCKS = ['describe', 'suite'];
const TESTS = ['it', 'test'];

/** `it.each(rows)('…')` → it. */
const rootOf = (node: ts.Expression): string => {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) return rootOf(node.expression);
  return ts.isTaggedTemplateExpression(node) ? rootOf(node.tag) : '';
};

const isNever = (name: string, [condition]: readonly ts.Expression[]): boolean =>
  (name === 'skipIf' && condition?.kind === ts.SyntaxKind.TrueKeyword) ||
  (name === 'runIf' && condition?.kind === ts.SyntaxKind.FalseKeyword);

/** `it.skip`, `describe.skip.each(rows)`, `it.skipIf(true)`, or announced only. A condition that is computed may hold. */
const isSkipped = (node: ts.Expression, args: readonly ts.Expression[] = []): boolean => {
  if (ts.isCallExpression(node)) return isSkipped(node.expression, node.arguments);
  if (ts.isTaggedTemplateExpression(node)) return isSkipped(node.tag);
  if (!ts.isPropertyAccessExpression(node)) return false;
  const { text } = node.name;
  return text === 'skip' || text === 'todo' || isNever(text, args) || isSkipped(node.expression);
};

export const hasRunningTest = (text: string): boolean => {
  const runs = (node: ts.Node): boolean => {
    if (ts.isCallExpression(node)) {
      const root = rootOf(node);
      if (TESTS.includes(root)) return !isSkipped(node);
      if (BLOCKS.includes(root) && isSkipped(node)) return false;
    }
    return ts.forEachChild(node, runs) ?? false;
  };
  return runs(ts.createSourceFile('file.test.ts', text, ts.ScriptTarget.Latest));
};
