// The plugin has no types of its own.
declare module 'eslint-plugin-security' {
  import type { ConfigObject } from '@eslint/core';

  const plugin: { readonly configs: { readonly recommended: ConfigObject } };
  export default plugin;
}
