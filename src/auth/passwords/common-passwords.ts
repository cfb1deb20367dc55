// Common passwords, in lower case. password-policy.ts strips repetitions, keyboard sequences and digits around a word before it searches
// this list, so "Password!password!" and "1qaz2wsx1qaz2wsx" match one entry each.

const WORDS = `
  password passwort passw0rd p@ssword p@ssw0rd pa55word pass word changeme change-me letmein welcome welcome1 login admin administrator root
  superuser secret topsecret default guest test tester testing testtest demo user username master monkey dragon shadow sunshine
  princess football baseball basketball soccer hockey superman batman spiderman starwars pokemon naruto minecraft iloveyou
  iloveyou1 lovely forever whatever trustno1 computer internet hello hello123 helloworld freedom qwerty qwerty123 qwertyuiop qwertz qwertzuiop
  azerty azertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc qazwsx qazwsxedc
  q1w2e3r4 zaq12wsx abc123 a1b2c3 a1b2c3d4 123abc 123qwe 123123 112233 121212 654321 666666 696969 abcd1234 aa123456
  michael jennifer jordan hunter michelle charlie andrew matthew jessica ashley thomas robert daniel joshua maggie
  summer winter spring autumn january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday company business office server database postgres redis kafka
  google facebook linkedin microsoft apple amazon samsung windows android iphone cheese chocolate banana orange purple
  ginger pepper cookie flower butterfly angel diamond silver golden killer hacker access mustang corvette ferrari porsche
  yankees liverpool chelsea arsenal barcelona juventus`;

/** Entries that satisfy the minimum length. */
const LONG = `
  passwordpassword, passwordpassword1, password12345678, password123456789, password1234567890,
  mypasswordissecret, mypassword123456, mysecretpassword, mysuperpassword, thisismypassword, thisisapassword,
  thisisthepassword, thisispassword123, changemeplease123, changethispassword, letmeinletmein123,
  letmeinplease123, welcomewelcome123, administrator123, adminadminadmin1, administratorpassword,
  iloveyouiloveyou, iloveyousomuch, iloveyousomuch1, iloveyouforever, iloveyouforever1, iloveyou1234567,
  iloveyouverymuch, qwertyuiopasdfgh, qwertyuiopasdfghjkl, qwertyuiop123456, qwertyuiop1234567890,
  qwerty1234567890, qwerty123456789, qwertyqwerty1234, asdfghjklqwertyuiop, zxcvbnmasdfghjkl,
  zxcvbnmasdfghjklqwertyuiop, qazwsxedcrfvtgb, qazwsxedcrfvtgbyhn, qazwsxedcrfvtgbyhnujm, 1q2w3e4r5t6y7u8i,
  1q2w3e4r5t6y7u8i9o0p, 1qaz2wsx3edc4rfv, 1qaz2wsx3edc4rfv5tgb, 1qazxsw23edcvfr4, zaq12wsxcde34rfv,
  q1w2e3r4t5y6u7i8, q1w2e3r4t5y6u7i8o9p0, 123456789qwerty, 123456789qwertyuiop, 1234567890qwerty,
  1234567890qwertyuiop, 123qweasdzxc123, 123qweasdzxcrfv, 123456789abcdefg, 1234567890abcdef,
  0123456789abcdef, abcdefghijklmno1, abcdefg123456789, abcdefgh12345678, abc123abc123abc123,
  a1b2c3d4e5f6g7h8, a1s2d3f4g5h6j7k8, aaaaaaaaaaaaaaa1, correcthorsebatterystaple,
  correct horse battery staple, correct-horse-battery-staple, correcthorsebattery, tobeornottobe123,
  to be or not to be, maytheforcebewithyou, may the force be with you, winteriscoming1, winter is coming,
  youshallnotpass, youshallnotpass1, you shall not pass, livelongandprosper, onceuponatime123,
  once upon a time, supercalifragilisticexpialidocious, thequickbrownfox, the quick brown fox,
  thequickbrownfoxjumps, openuptherightnow, loremipsumdolor, lorem ipsum dolor, loremipsumdolorsitamet,
  imissyousomuch1, imissyousomuch, fuckyoufuckyou1, babybabybaby123, jesuschrist1234, jesusismysavior,
  godisgood123456, ilovemyfamily123, ilovemymom12345, ilovejesus12345, manchesterunited, manchesterunited1,
  manchestercity1, dallascowboys123, newyorkyankees1, losangeleslakers, greenbaypackers, pittsburghsteelers,
  chicagobulls1234, realmadrid123456, fcbarcelona12345, liverpoolfc12345, blink182blink182, metallica123456,
  linkinpark12345, slipknotslipknot, mychemicalromance, greendaygreenday, princessprincess,
  butterflybutterfly, unbelievable123, christopher1234, alexanderalexander, elizabethelizabeth,
  charlottecharlotte, sunshinesunshine, footballfootball, baseballbaseball, basketballbasketball,
  starwarsstarwars, computercomputer, internetinternet, trustno1trustno1, supermansuperman,
  spidermanspiderman, microsoft123456, windowswindows1, samsungsamsung1, googlegoogle123, facebookfacebook,
  motherfucker123, motherfuckermotherfucker, temporarypassword, temporary123456, defaultpassword,
  defaultpassword1, testtesttesttest, testpassword1234, testpassword12345, testing123456789, examplepassword,
  samplepassword1, placeholder12345, nopasswordneeded, idontknow123456, idontremember12, ihatepasswords1,
  ihatepasswords, forgotmypassword, iforgotmypassword, incorrectpassword, yourpasswordisincorrect,
  passwordincorrect, enteryourpassword, enterpasswordhere, whatismypassword, whatisthepassword,
  guessmypassword, guessmypassword1, securepassword1, securepassword123, verysecurepassword, strongpassword1,
  strongpassword123, verystrongpassword, superstrongpassword, longpassword1234, averylongpassword,
  thisisaverylongpassword, fifteencharacters, fifteen-characters, summer2024summer, summer2025summer,
  summer2026summer, winter2024winter, winter2025winter, winter2026winter, companypassword, companyname12345,
  databasepassword, postgrespostgres, mypostgrespassword, rootrootrootroot, toortoortoortoor,
  kubernetes12345, dockerdocker123, productionpassword`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set([
  ...WORDS.trim().split(/\s+/),
  ...LONG.trim().split(/,\s*/),
]);
