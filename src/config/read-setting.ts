import { Value } from 'typebox/value';
import type { ConfigFault } from './config-error.ts';
import type { Setting } from './setting.ts';

/** A variable's text as its type wants it. What does not look like that type stays text, and so fails its check. */
const convert = (setting: Setting, text: string): unknown => {
  const type = 'type' in setting ? setting.type : 'string';
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  if (type === 'array')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return text;
};

/** The typed value, the default when `text` is absent or empty, or what is wrong with it. */
export const readSetting = (setting: Setting, text: string | undefined): { value: unknown } | ConfigFault => {
  if (text === undefined || text === '') return { value: setting.default };
  const value = convert(setting, text);
  return Value.Check(setting, value) ? { value } : { env: setting.env, detail: `must be ${setting.expected}` };
};
