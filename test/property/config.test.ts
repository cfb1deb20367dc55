// Properties of every integer setting of the schema.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newSigningKey } from '../../src/auth/tokens/new-signing-key.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { maskedView } from '../../src/config/masked-view.ts';
import { SECTIONS, type SectionName } from '../../src/config/schema.ts';
import { settingsOf } from '../../src/config/setting.ts';

type NumberSetting = { section: SectionName; property: string; env: string; minimum: number; maximum: number };

const AUTH_SIGNING_KEYS = JSON.stringify({ keys: [await newSigningKey()] });
const SECRETS = { POSTGRES_PASSWORD: 'x', POSTGRES_MIGRATION_PASSWORD: 'x', AUTH_SIGNING_KEYS };

const NUMBERS = (Object.keys(SECTIONS) as SectionName[]).flatMap((section) =>
  // eslint-disable-next-line security/detect-object-injection -- a name of the schema
  settingsOf(SECTIONS[section])
    .filter(([, { type }]) => type === 'integer')
    .map(([property, setting]) => ({
      section,
      property,
      ...(setting as unknown as Omit<NumberSetting, 'section' | 'property'>),
    })),
);

const anySetting = fc.constantFrom(...NUMBERS);
const load = (env: Record<string, string>) => {
  try {
    return {
      config: new Map(Object.entries(maskedView(loadConfig({ ...SECRETS, ...env })))),
      faults: [],
    };
  } catch (error) {
    if (error instanceof ConfigError) return { config: new Map<string, unknown>(), faults: error.faults };
    throw error;
  }
};

describe('numbers in the configuration', () => {
  it('are loaded unchanged when they are within their range and break no rule', () => {
    const inRange = anySetting.chain((each) =>
      fc.tuple(fc.constant(each), fc.integer({ min: each.minimum, max: each.maximum })),
    );
    fc.assert(
      fc.property(inRange, ([{ section, property, env }, value]) => {
        const { config, faults } = load({ [env]: String(value) });
        if (faults.length === 0) expect(config.get(`${section}.${property}`)).toBe(value);
        else
          expect(
            faults.every(({ detail }) => /must (?:be greater than|differ from)|must be at (?:least|most)/.test(detail)),
          ).toBe(true);
      }),
    );
  });

  it('are reported when they are outside their range', () => {
    const outside = anySetting.chain((each) =>
      fc.tuple(
        fc.constant(each.env),
        fc.oneof(
          fc.integer({ max: each.minimum - 1 }),
          fc.integer({ min: each.maximum + 1 }),
          fc.maxSafeInteger().filter((n) => n > each.maximum),
        ),
      ),
    );
    fc.assert(
      fc.property(outside, ([env, value]) => {
        expect(load({ [env]: String(value) }).faults.map((fault) => fault.env)).toEqual([env]);
      }),
    );
  });

  it('are reported when they are not an integer', () => {
    const text = fc.string({ minLength: 1 }).filter((each) => !/^-?\d+$/.test(each));
    fc.assert(
      fc.property(anySetting, text, ({ env }, value) => {
        expect(load({ [env]: value }).faults.map((fault) => fault.env)).toEqual([env]);
      }),
    );
  });

  it('are all reported at once', () => {
    const some = fc.uniqueArray(anySetting, { selector: ({ env }) => env, minLength: 1 });
    fc.assert(
      fc.property(some, (settings) => {
        const names = settings.map(({ env }) => env);
        const { faults } = load(Object.fromEntries(names.map((env) => [env, 'x'])));
        expect(new Set(faults.map(({ env }) => env))).toEqual(new Set(names));
      }),
    );
  });
});
