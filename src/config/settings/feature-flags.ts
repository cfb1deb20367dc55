import { Type } from 'typebox';
import { text } from '../setting.ts';

export const featureFlags = Type.Object(
  {
    file: text('FEATURE_FLAGS_FILE', {
      default: '',
      description:
        'JSON file with the values of feature flags, read again when it changes. Empty, or without that file: every flag has its default. See docs/feature-flags.md.',
    }),
  },
  { description: 'Feature flags: switches that change without a restart.' },
);
