import { describe, expect, it } from 'vitest';
import { assertPasswordAcceptable, findPasswordFaults } from '../../../src/auth/passwords/password-policy.ts';

const detailOf = (password: string, personal: string[] = []): string | undefined =>
  findPasswordFaults(password, '/password', personal)[0]?.detail;

describe('findPasswordFaults', () => {
  it.each([
    'three quiet rivers',
    'correct donkey battery paperclip',
    'UPPER CASE IS ENOUGH HERE',
    'nur kleine buchstaben',
    'пароль из нескольких слов',
    '密码可以是任何文字只要它足够长就可以',
    'x9#kQ2!vLm4$zR7@tY',
    '🦊🐢🦉🐝🦀🐙🦋🐬🐘🦒🐧🦜🐊🦓🐳',
    'a'.repeat(3) + 'bcxyz quiet lamp'.repeat(7),
  ])('accepts %j', (password) => {
    expect(detailOf(password)).toBeUndefined();
  });

  it.each([
    ['fourteen chars', /15 to 128/],
    ['', /15 to 128/],
    ['quiet lamp '.repeat(12), /15 to 128/],
    ['three quiet\0 rivers', /NUL/],
    ['three quiet \ud800 rivers', /must be text/],
    ['passwordpassword', /common or predictable/],
    ['Password!123456789', /common or predictable/],
    ['PASSWORDPASSWORDPASSWORD', /common or predictable/],
    ['1qaz2wsx1qaz2wsx', /common or predictable/],
    ['aaaaaaaaaaaaaaaaaaaa', /common or predictable/],
    ['123456789012345', /common or predictable/],
    ['987654321098765', /common or predictable/],
    ['abcdefghijklmnop', /common or predictable/],
    ['qwertyuiopasdfgh', /common or predictable/],
    ['poiuytrewqpoiuytrewq', /common or predictable/],
    ['CorrectHorseBatteryStaple', /common or predictable/],
    ['!!!iloveyou!!!2026', /common or predictable/],
    ['abababababababab', /common or predictable/],
  ])('rejects %j', (password, reason) => {
    expect(detailOf(password)).toMatch(reason);
  });

  it('rejects a password that is mostly the user’s own name', () => {
    expect(detailOf('annabelle.lee-2026', ['annabelle.lee', 'a@example.com'])).toMatch(/your username or e-mail/);
    expect(detailOf('annabelle.lee!1234', ['x', 'Annabelle.Lee@example.com'])).toMatch(/your username or e-mail/);
    expect(detailOf('user-service-user1', [])).toMatch(/your username or e-mail/);
  });

  it('accepts a long password that contains it', () => {
    expect(detailOf('ann walks along three quiet rivers', ['ann', 'ann@example.com'])).toBeUndefined();
  });

  it('counts characters, not code units', () => {
    expect(detailOf('🦊🐢🦉🐝🦀🐙🦋🐬')).toMatch(/15 to 128/);
  });
});

describe('assertPasswordAcceptable', () => {
  it('reports the field', () => {
    expect(() => {
      assertPasswordAcceptable('short', '/newPassword', []);
    }).toThrow(
      expect.objectContaining({
        code: 'PASSWORD_UNACCEPTABLE',
        faults: [expect.objectContaining({ pointer: '/newPassword' })],
      }),
    );
  });
});
