import { Value } from 'typebox/value';
import type { Reading } from './config-error.ts';
import type { Setting } from './setting.ts';

const itemsOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** A variable's text as its type wants it. What does not look like that type stays text, and so fails its check. */
const convert = (type: unknown, text: string): unknown => {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  if (type === 'array') return itemsOf(text);
  return text;
};

/** The typed value, the default when there is no text, or what is wrong with it. */
export const readSetting = (setting: Setting, text: string | undefined): Reading => {
  if (text === undefined) return { value: setting.default };
  const value = convert(setting.type, text);
  return Value.Check(setting, value) ? { value } : { env: setting.env, detail: `must be ${setting.expected}` };
};
