// The comments of a TypeScript file, docstrings included.

import ts from 'typescript';

export const commentsIn = (text: string): string[] => {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest);
  const ends = new Map<number, number>();
  const keep = (ranges: readonly ts.CommentRange[] = []): void => {
    for (const { pos, end } of ranges) ends.set(pos, end);
  };
  const visit = (node: ts.Node): void => {
    keep(ts.getLeadingCommentRanges(text, node.pos));
    keep(ts.getTrailingCommentRanges(text, node.end));
    // not forEachChild: a comment may stand before a bracket
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...ends].sort(([a], [b]) => a - b).map(([pos, end]) => text.slice(pos, end));
};
