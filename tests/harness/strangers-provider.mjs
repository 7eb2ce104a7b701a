// A provider by other people (npm `oidc-provider`): whoever types a login is that person.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export const STRANGERS_CLIENT = { id: 'authflow', secret: 'a secret & more: 100%' };

/** Logins that begin with `unverified` have an address that nobody verified. */
export async function strangersProvider(redirectUri) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: STRANGERS_CLIENT.id, client_secret: STRANGERS_CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id, email: `${id}@there.example`, email_verified: !id.startsWith('unverified'), name: `Person ${id}`,
      }),
    }),
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: [randomUUID()] },
  });
  server.on('request', provider.callback());
  return { issuer, stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}
