// A real OpenID provider on loopback for the tests of signing in: accounts in memory, a login form, no consent page.
// node provider.mjs '{"port": 9000, "host": "localhost", "clients": [...], "accounts": {...}, "groupsInToken": true}'
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const { port, host, clients, accounts, groupsInToken } = JSON.parse(process.argv[2]);
const issuer = `http://${host}:${port}`;

function jwk(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg, kid: `key-${alg}` };
}

const provider = new Provider(issuer, {
  clients,
  jwks: {
    keys: [
      jwk("rsa", { modulusLength: 2048 }, "RS256"),
      jwk("rsa", { modulusLength: 2048 }, "PS256"),
      jwk("ec", { namedCurve: "P-256" }, "ES256"),
    ],
  },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256"] },
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "locale"],
    email: ["email", "email_verified"],
    groups: ["groups"],
  },
  scopes: ["openid", "profile", "email", "groups"],
  conformIdTokenClaims: !groupsInToken,
  cookies: { keys: ["only for tests on this machine"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_, id) => accounts[id] && { accountId: id, claims: () => ({ ...accounts[id], sub: id }) },
  async loadExistingGrant(ctx) {
    const { client, provider: own, session } = ctx.oidc;
    const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid profile email groups");
    await grant.save();
    return grant;
  },
});

async function body(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

const FORM = `<!doctype html><title>Provider</title><form method="post">
<input name="login" /><button name="does" value="enter">Enter</button><button name="does" value="cancel">Cancel</button>
</form>`;

async function login(request, response) {
  if (request.method === "GET") return response.setHeader("Content-Type", "text/html").end(FORM);
  const form = new URLSearchParams(await body(request));
  const result =
    form.get("does") === "cancel"
      ? { error: "access_denied", error_description: "<script>alert(1)</script>" }
      : { login: { accountId: form.get("login") } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function change(request, response) {
  Object.assign(accounts, JSON.parse(await body(request)));
  response.end();
}

const callback = provider.callback();
const server = createServer((request, response) => {
  if (request.url.startsWith("/login/")) return login(request, response);
  if (request.url === "/accounts") return change(request, response);
  return callback(request, response);
});
server.listen(port, "127.0.0.1", () => console.log(`ready ${issuer}`));
