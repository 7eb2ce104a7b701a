// Setting up through the command line: the scripting contract, and nothing else.

export const TENANTS = ['default', 'acme'];
/** Tests come from one address, many times an hour; the limits themselves have tests of their own. */
export const RELAXED_LIMITS = {
  AUTHFLOW_LIMITS_SIGN_UPS_PER_SOURCE: 'off',
  AUTHFLOW_LIMITS_MESSAGES_PER_RECIPIENT: 'off',
  AUTHFLOW_LIMITS_UNPROVEN_PER_SOURCE: 'off',
  AUTHFLOW_LIMITS_PER_SOURCE_FREE_FAILURES: '1000000',
};
export const PASSWORD = 'correct horse battery staple 47';

/** Makes the tenants beside `default`, which is always there. */
export async function prepareTenants(installation) {
  for (const slug of TENANTS.filter((tenant) => tenant !== 'default')) {
    await installation.json('tenant', 'create', '--slug', slug, '--name', `Tenant ${slug}`);
  }
}

export async function addUser(installation, tenant, email, password = PASSWORD) {
  const made = await installation.json('user', 'create', '--tenant', tenant, '--email', email, '--password', password, '--verified');
  return { ...made, email, password };
}

export async function addClient(installation, tenant, { name = 'Test client', type = 'confidential', redirectUri, postLogoutRedirectUri, grants = [], scopes = [], extra = [] }) {
  return installation.json('client', 'create', '--tenant', tenant, '--name', name, '--type', type,
    ...(redirectUri ? ['--redirect-uri', redirectUri] : []),
    ...(postLogoutRedirectUri ? ['--post-logout-redirect-uri', postLogoutRedirectUri] : []),
    ...grants.flatMap((grant) => ['--grant', grant]),
    ...scopes.flatMap((scope) => ['--scope', scope]),
    ...extra);
}

/** Lets anybody register clients (RFC 7591 3): tests make clients of every kind that way. */
export async function openRegistration(installation, tenant) {
  await installation.json('tenant', 'update', tenant, '--registration', 'open');
}
