// The mechanism with the settings of another service: what it does must not depend on ours.

import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { ConfigError, type ConfigFault } from '../../../src/config/config-error.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { makeLoadConfig } from '../../../src/config/make-load-config.ts';
import { exceeds } from '../../../src/config/rule.ts';
import { SECTIONS } from '../../../src/config/schema.ts';
import { integer, secret, text } from '../../../src/config/setting.ts';
import { prefixesOf } from '../../../src/config/unknown-variables.ts';

const integerUpTo99 = (env: string, value: number) =>
  integer(env, { default: value, minimum: 0, maximum: 99, description: 'A number.' });

const SHOP = {
  service: Type.Object({
    env: text('DD_ENV', { default: 'test', description: 'The environment.' }),
    secretsDir: text('SECRETS_DIR', { default: '/nowhere', description: 'Where secrets are.' }),
  }),
  basket: Type.Object({
    size: integerUpTo99('BASKET_SIZE', 10),
    reserve: integerUpTo99('BASKET_RESERVE', 5),
    key: secret('BASKET_KEY', { description: 'A key.' }),
  }),
  till: Type.Object({ open: integerUpTo99('TILL_OPEN_HOURS', 8) }),
};

const loadShop = makeLoadConfig({ sections: SHOP, rules: [exceeds('BASKET_SIZE', 'BASKET_RESERVE')] });

const faultsOf = (env: Environment): readonly ConfigFault[] => {
  try {
    loadShop(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

describe('makeLoadConfig', () => {
  it('loads the sections that it was made with, typed', () => {
    const config = loadShop({ BASKET_SIZE: '20', BASKET_KEY: 'k' });
    const size: number = config.basket.size;
    expect([size, config.basket.key(), config.till]).toEqual([20, 'k', { open: 8 }]);
  });

  it('loads the named sections and the service', () => {
    expect(loadShop({}, ['till'])).toEqual({
      service: { env: 'test', secretsDir: '/nowhere' },
      till: { open: 8 },
    });
  });

  it('reports settings, rules and unknown variables together', () => {
    const env = { BASKET_RESERVE: '10', BASKET_KEYS: 'k', TILL_OPEN_HOURS: 'all', HTTP_PORT: 'not a setting here' };
    expect(faultsOf(env).map((fault) => fault.env)).toEqual([
      'BASKET_KEY',
      'TILL_OPEN_HOURS',
      'BASKET_SIZE',
      'BASKET_KEYS',
    ]);
  });

  it('takes the default of the service’s own settings to find a secret', () => {
    expect(faultsOf({ BASKET_KEY_FILE: '' })).toEqual([
      { env: 'BASKET_KEY', detail: expect.stringContaining('/nowhere/basket_key') as string },
    ]);
  });
});

describe('prefixesOf', () => {
  it('takes the words that all settings of a section begin with, and none from a section without', () => {
    expect(prefixesOf(SHOP)).toEqual(['BASKET_', 'TILL_OPEN_']);
  });

  it('gives one prefix per module of this service', () => {
    expect(prefixesOf(SECTIONS)).toEqual([
      'LOG_',
      'AUDIT_',
      'HTTP_',
      'POSTGRES_',
      'REDIS_',
      'AUTH_',
      'KAFKA_',
      'SCHEMA_REGISTRY_',
      'OUTBOX_',
      'CONSUMERS_',
      'PAYMENTS_',
      'FEATURE_FLAGS_',
      'LIFECYCLE_',
      'FAULT_',
    ]);
  });
});
