import { Value } from 'typebox/value';
import type { Reading } from './config-error.ts';
import type { Setting } from './setting.ts';

const itemsOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Converts the text to the type of the setting. Text that does not fit the type is returned unchanged and fails validation. */
const convert = (type: unknown, text: string): unknown => {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  if (type === 'array') return itemsOf(text);
  return text;
};

/** `https://user:password@host`, wherever a slash in the password makes the host end. Settings are logged at the start, a password never is. */
export const hasUserInformation = (text: string): boolean => /:[/\\]{2}.*@/.test(text);

/** The typed value, the default when there is no text, or the fault. */
export const readSetting = (setting: Setting, text: string | undefined): Reading => {
  if (text === undefined) return { value: setting.default };
  if (hasUserInformation(text)) return { env: setting.env, detail: 'must not contain user information' };
  const value = convert(setting.type, text);
  if (Value.Check(setting, value)) return { value };
  const why = setting.explain?.(text);
  const detail = `must be ${setting.expected}`;
  return { env: setting.env, detail: why === undefined ? detail : `${detail}: ${why}` };
};
