// The output of `npm start`: URLs, demo credentials, and commands to try.

type StartScreen = {
  readonly publicUrl: string;
  readonly managementUrl: string;
  readonly directory: string;
  readonly demo: { readonly id: string; readonly username: string; readonly password: string };
  readonly client: { readonly id: string; readonly secret: string };
};

export const startScreen = ({ publicUrl, managementUrl, directory, demo, client }: StartScreen): string => {
  const json = `-H 'content-type: application/json'`;
  return `
  user-service is running

    API          ${publicUrl}/api/v1
    docs         ${publicUrl}/docs
    metrics      ${managementUrl}/metrics
    health       ${managementUrl}/health/ready

    demo account    ${demo.username} / ${demo.password}
    demo service    ${client.id} / ${client.secret}   (may read and list all users)
    both secrets change at each start

  Try, in another terminal:

    1. log in        TOKEN=$(curl -s ${publicUrl}/api/v1/auth/login ${json} -d '{"login":"${demo.username}","password":"${demo.password}"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
    2. register      curl -i ${publicUrl}/api/v1/users ${json} -d '{"username":"ann","name":"Ann","email":"ann@example.com","password":"three quiet rivers"}'
    3. read yourself curl -i ${publicUrl}/api/v1/users/${demo.id} -H "authorization: Bearer $TOKEN"
    4. order         curl -i ${publicUrl}/api/v1/orders ${json} -H "authorization: Bearer $TOKEN" -d '{"amountMinor":1999,"currency":"EUR"}'
                     and a moment later, confirmed:  curl ${publicUrl}/api/v1/orders -H "authorization: Bearer $TOKEN"

  Data is stored in ${directory}; npm start -- --fresh resets it. Ctrl-C ends it.
`;
};
