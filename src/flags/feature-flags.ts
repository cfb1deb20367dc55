// Evaluates flags through OpenFeature (https://openfeature.dev): the client is the SDK's, the provider is its in-memory provider, filled from the
// flag file. Another provider (a vendor's, flagd) replaces one line here.

import { randomUUID } from 'node:crypto';

import {
  OpenFeature,
  TypedInMemoryProvider,
  type EvaluationContext,
  type EvaluationDetails,
  type Hook,
} from '@openfeature/server-sdk';

import { definitionOf, FLAG_KEYS, type BooleanFlagKey, type FlagKey, type NumberFlagKey } from './definitions.ts';
import type { FlagValue, FlagValues } from './flag-file.ts';

/** Names of OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/ */
export type EvaluationTags = {
  readonly 'feature_flag.key': string;
  readonly 'feature_flag.result.variant'?: string;
  readonly 'feature_flag.result.reason': string;
};

type Deps = {
  /** The newest valid content of the flag file. Cheap: it is called for each evaluation. */
  readonly read: () => FlagValues;
  /** Called after each evaluation: it marks the current span. */
  readonly onEvaluation: (tags: EvaluationTags) => void;
};

export type FeatureFlags = {
  /** @param userId the targeting key, where the caller is known */
  readonly isOn: (key: BooleanFlagKey, userId?: string) => Promise<boolean>;
  /** @param otherwise the value when the file does not name the flag */
  readonly numberOf: (key: NumberFlagKey, otherwise: number, userId?: string) => Promise<number>;
};

const VARIANT_OF = { true: 'on', false: 'off' } as const;

type FlagSpec = NonNullable<ConstructorParameters<typeof TypedInMemoryProvider>[0]>[string];

/** A boolean has the variants `on` and `off`. A number that the file names has the variant `file`; without one it is disabled, so that the caller's value applies. */
const specOf = (key: FlagKey, value: FlagValue | undefined): FlagSpec => {
  const definition = definitionOf(key);
  if (definition.type === 'boolean')
    return {
      variants: { on: true, off: false },
      defaultVariant: VARIANT_OF[`${(value ?? definition.default) as boolean}`],
      disabled: false,
    };
  return { variants: { file: value ?? 0 }, defaultVariant: 'file', disabled: value === undefined };
};

const configurationOf = (values: FlagValues) =>
  Object.fromEntries(FLAG_KEYS.map((key) => [key, specOf(key, values.get(key))]));

const tagsOf = ({ flagKey, variant, reason }: EvaluationDetails<FlagValue>): EvaluationTags => ({
  'feature_flag.key': flagKey,
  ...(variant !== undefined && { 'feature_flag.result.variant': variant }),
  'feature_flag.result.reason': (reason ?? 'unknown').toLowerCase(),
});

const contextOf = (userId: string | undefined): EvaluationContext =>
  userId === undefined ? {} : { targetingKey: userId };

/** An evaluation never rejects: OpenFeature returns the default when the provider, or a hook, fails. */
export const makeFeatureFlags = async ({ read, onEvaluation }: Deps): Promise<FeatureFlags> => {
  let inUse = read();
  const provider = new TypedInMemoryProvider(configurationOf(inUse));
  // the SDK keeps providers in one global object: a name of its own keeps this one apart
  const domain = randomUUID();
  await OpenFeature.setProviderAndWait(domain, provider);
  const record: Hook = {
    finally: (_context, details) => {
      onEvaluation(tagsOf(details as EvaluationDetails<FlagValue>));
    },
  };
  const client = OpenFeature.getClient(domain).addHooks(record);

  /** Unchanged content keeps its value, see config/secret-file.ts. */
  const takeNewest = (): void => {
    const newest = read();
    if (newest === inUse) return;
    inUse = newest;
    provider.putConfiguration(configurationOf(newest));
  };

  return {
    isOn: (key, userId) => {
      takeNewest();
      const definition = definitionOf(key);
      return client.getBooleanValue(key, definition.type === 'boolean' && definition.default, contextOf(userId));
    },
    numberOf: (key, otherwise, userId) => {
      takeNewest();
      return client.getNumberValue(key, otherwise, contextOf(userId));
    },
  };
};
