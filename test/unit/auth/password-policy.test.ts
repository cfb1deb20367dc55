import { describe, expect, it } from 'vitest';
import { assertPasswordAcceptable, findPasswordFaults } from '../../../src/auth/passwords/password-policy.ts';

const NOBODY = { username: '', name: '', email: '' };

const detailOf = (password: string, owner: Partial<typeof NOBODY> = {}): string | undefined =>
  findPasswordFaults(password, '/password', { ...NOBODY, ...owner })[0]?.detail;

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

  it.each([
    ['annabelle.lee-2026', { username: 'annabelle.lee' }],
    ['annabelle lee 2026', { username: 'annabelle.lee' }],
    ['annabelle.lee!1234', { email: 'Annabelle.Lee@example.com' }],
    ['ann@example.com-1', { email: 'ann@example.com' }],
    ['Annabelle Lee 2026', { name: 'Annabelle Lee' }],
    ['lee_annabelle_2026', { name: 'Annabelle Lee' }],
    ['ann lee, ann lee', { name: 'Ann Lee' }],
    ['maximilianfoobar!!', { username: 'maximilianfoobar' }],
    ['JÜRGENMÜLLER2026', { name: 'Jürgen Müller' }],
    ['jurgen-muller-26', { name: 'Jürgen Müller' }],
    ['Juergen.Mueller1', { name: 'Jürgen Müller' }],
    ['ju\u0308rgenmu\u0308ller2026', { name: 'J\u00dcRGEN M\u00dcLLER' }],
    ['gross-strasse-1', { name: 'Groß Straße' }],
    ['søren.kierkegaard', { name: 'Soren Kierkegaard' }],
    ['ZoéSaintExupéry1', { name: 'Zoe Saint-Exupery' }],
    ['ｍａｘｉｍｉｌｉａｎfoobar', { username: 'maximilian.foobar' }],
    ['user-service-user1', {}],
  ])('rejects %j as mainly the user’s own, %o', (password, owner) => {
    expect(detailOf(password, owner)).toMatch(/your name, username or e-mail/);
  });

  it.each([
    ['ann walks along three quiet rivers', { username: 'ann', name: 'Ann', email: 'ann@example.com' }],
    ['müller walks along three rivers', { name: 'Jürgen Müller' }],
    ['x9#kQ2!vLm4$ann7@tY', { name: 'Ann Lee' }],
  ])('accepts %j, which contains some of the user’s own, %o', (password, owner) => {
    expect(detailOf(password, owner)).toBeUndefined();
  });

  it.each([
    ['three quiet rivers', 'three quiet rivers'],
    ['caf\u00e9 au lait encore', 'cafe\u0301 au lait encore'],
  ])('rejects the old password %j as the new one', (password, oldPassword) => {
    expect(findPasswordFaults(password, '/newPassword', NOBODY, oldPassword)).toEqual([
      { pointer: '/newPassword', detail: 'must not be the old password' },
    ]);
  });

  it('counts characters, not code units', () => {
    expect(detailOf('🦊🐢🦉🐝🦀🐙🦋🐬')).toMatch(/15 to 128/);
  });
});

describe('assertPasswordAcceptable', () => {
  it('reports the field', () => {
    expect(() => {
      assertPasswordAcceptable('short', '/newPassword', NOBODY);
    }).toThrow(
      expect.objectContaining({
        code: 'PASSWORD_UNACCEPTABLE',
        faults: [expect.objectContaining({ pointer: '/newPassword' })],
      }),
    );
  });
});
