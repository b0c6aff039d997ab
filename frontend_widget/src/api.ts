// Calls to the gateway's HTTP API in the user's name. Knows nothing of what they mean.

export type Call = (method: string, path: string, body?: object, key?: string) => Promise<Response | undefined>;

/** No answer at all is undefined. `key` makes a repeat recognisable. */
export function caller(where: () => { server: string; token: string }): Call {
  return (method, path, body, key) => {
    const { server, token } = where();
    const headers: Record<string, string> = { "X-Requested-With": "deskhand" };
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    const url = new URL(path, server || location.origin);
    return fetch(url, { method, credentials: "include", headers, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(() => undefined);
  };
}

/** Why something was refused; nothing where it was not. */
export async function problemCode(got: Response | null | undefined): Promise<string> {
  if (got?.ok) return "";
  const said = (await got?.clone().json().catch(() => null)) as { code?: string } | null | undefined;
  return said?.code ?? (got ? "unknown" : "no_answer");
}
