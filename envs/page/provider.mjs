// An OIDC provider for tests: the real library, with people who need no password. `node provider.mjs <port> <callback>`
// Somebody's login is their address; of `unverified-...` nobody verified it.
import Provider from "oidc-provider";

const [port, callback] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "farm",
      client_secret: "farm-secret-of-the-tests-0123456789",
      redirect_uris: [callback],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["a key of the tests"] },
  pkce: { required: () => true },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified-"), name: id.split("@")[0] }),
  }),
});

provider.listen(Number(port), "127.0.0.1", () => console.log(`ready at ${issuer}`));
