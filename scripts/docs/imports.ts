// What a TypeScript file imports, read from its syntax: static imports, re-exports, dynamic imports and `import('…')` types.

import ts from 'typescript';

export type Import = { readonly from: string; readonly typeOnly: boolean };

const staticImport = (node: ts.Node): Import[] => {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return [];
  if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier)) return [];
  const typeOnly = ts.isExportDeclaration(node)
    ? node.isTypeOnly
    : node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return [{ from: node.moduleSpecifier.text, typeOnly }];
};

const dynamicImport = (node: ts.Node): Import[] => {
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return [];
  const [from] = node.arguments;
  return from !== undefined && ts.isStringLiteralLike(from) ? [{ from: from.text, typeOnly: false }] : [];
};

const typeImport = (node: ts.Node): Import[] =>
  ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)
    ? [{ from: node.argument.literal.text, typeOnly: true }]
    : [];

/** In the order of the text; `from` as it is written. */
export const importsIn = (text: string): Import[] => {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    found.push(...staticImport(node), ...dynamicImport(node), ...typeImport(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest));
  return found;
};
