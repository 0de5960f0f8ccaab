import { SwitchyardError } from '@switchyard/core/contract'

/**
 * The address where a provider's API begins, without a slash at its end.
 * @throws {SwitchyardError} `invalid-request` where it cannot be one, or holds a password.
 */
export function checkedBaseURL(provider: string, baseURL: string): URL {
  const refused = (why: string): SwitchyardError =>
    new SwitchyardError('invalid-request', `The baseURL of provider "${provider}" ${why}`, {
      provider,
      param: 'baseURL',
    })
  const url = URL.canParse(baseURL) ? new URL(baseURL) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw refused('should be an address like "http://127.0.0.1:8000/v1".')
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('holds a user name or password: give it as `apiKey` or in `headers`.')
  }
  url.pathname = url.pathname.replace(/\/+$/, '')
  return url
}

const secretName = /auth|key|token|secret|cookie/i

/** The values among these headers that look like credentials, each with and without its scheme. */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([name]) => secretName.test(name))
    .flatMap(([, value]) => [value, value.replace(/^\w+ /, '')])
}
