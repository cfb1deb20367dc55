import js from '@eslint/js';
import n from 'eslint-plugin-n';
import security from 'eslint-plugin-security';
import sonarjs from 'eslint-plugin-sonarjs';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    'test/architecture/fixtures/',
    'clients/*/src/generated/',
    '**/dist/',
    'coverage/',
    '.local/',
    '.cache/',
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  sonarjs.configs.recommended,
  security.configs.recommended,
  n.configs['flat/recommended-module'],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'n/no-process-env': 'error',
      'no-restricted-syntax': [
        'error',
        ...[
          'LogicalExpression[operator="??"]:not([right.value=""]) > MemberExpression.left[object.name="env"]',
          'BinaryExpression[right.type="Identifier"][right.name="undefined"] > MemberExpression.left[object.name="env"]',
          'VariableDeclarator[init.name="env"] AssignmentPattern:not([right.value=""])',
        ].map((selector) => ({ selector, message: 'An empty variable counts as not set: use variable(env, name).' })),
      ],
      // factories return closures: nothing here has a `this` to lose
      '@typescript-eslint/unbound-method': 'off',
      // TypeScript resolves imports and knows what a Node version has; these two only repeat it, worse.
      'n/no-missing-import': 'off',
      'n/no-unsupported-features/node-builtins': 'off',
    },
  },
  {
    // a property that returns a boolean is asserted by fast-check
    files: ['test/property/**'],
    rules: { 'sonarjs/assertions-in-tests': 'off' },
  },
  {
    // the agent requires a CommonJS file, which no tsconfig includes; it is configuration and reads the environment
    files: ['apm/*/newrelic.cjs'],
    extends: [tseslint.configs.disableTypeChecked, n.configs['flat/recommended-script']],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      'n/no-process-env': 'off',
      'security/detect-non-literal-fs-filename': 'off',
      'no-restricted-syntax': 'off', // `||` treats an empty variable as not set
    },
  },
  {
    // a program may end itself
    files: ['src/bin/**', 'src/composition/**', 'scripts/**', 'bench/**'],
    rules: { 'n/no-process-exit': 'off' },
  },
  {
    files: [
      'test/**',
      'e2e/**',
      'bench/**',
      'scripts/**',
      'compose/**',
      'src/embedded/**',
      'examples/*/test/**',
      'clients/*/test/**',
      'clients/*/generate.ts',
    ],
    rules: {
      // they name folders and start programs by values of their own, never by a caller's
      'security/detect-non-literal-fs-filename': 'off',
      'security/detect-child-process': 'off',
    },
  },
);
