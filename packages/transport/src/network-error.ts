import { type ErrorKind, isSwitchyardError, SwitchyardError } from '@switchyard/core/contract'
import { errors } from 'undici'

type Explanation = readonly [kind: ErrorKind, message: (place: string) => string]

const untrusted: Explanation = [
  'network',
  place => `The certificate of ${place} is not trusted: add its authority with NODE_EXTRA_CA_CERTS.`,
]
const unreachable: Explanation = [
  'network',
  place => `No route leads to ${place}: check this machine's network and the address.`,
]
const closed: Explanation = ['network', place => `${place} closed the connection before the answer was complete.`]
const nameless: Explanation = ['network', place => `The host name of ${place} was not found: check the address.`]
const slowNames: Explanation = [
  'network',
  place => `The host name of ${place} could not be looked up just now: check this machine's DNS.`,
]

const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: ['network', place => `Nothing accepts connections at ${place}: is the server running?`],
  ECONNRESET: closed,
  EPIPE: closed,
  UND_ERR_SOCKET: closed,
  UND_ERR_CLOSED: closed,
  UND_ERR_DESTROYED: closed,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: closed,
  ENOTFOUND: nameless,
  EAI_AGAIN: slowNames,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: [
    'network',
    place => `${place} did not answer the connection attempt: check the address and the firewall.`,
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: ['network', place => `The certificate of ${place} has expired.`],
  ERR_TLS_CERT_ALTNAME_INVALID: ['network', place => `The certificate of ${place} is for another host name.`],
  EPROTO: ['network', place => `${place} does not speak TLS: should its address begin with http://?`],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'network',
    place => `${place} does not speak TLS: should its address begin with http://?`,
  ],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [
    'network',
    place => `${place} does not speak TLS: should its address begin with http://?`,
  ],
  UND_ERR_HEADERS_OVERFLOW: ['protocol', place => `${place} answered with more headers than 16 KiB.`],
}

/** A failure of the network or of HTTP itself as our error. `place` is `host:port`, never a whole URL. */
export function networkError(cause: unknown, place: string): SwitchyardError {
  if (isSwitchyardError(cause)) return cause
  const { code, message } = failure(cause)
  const details = code === undefined ? {} : { code }
  const known = code === undefined ? undefined : explanations[code]
  if (known !== undefined) return new SwitchyardError(known[0], `${known[1](place)} (${code})`, details)
  if (cause instanceof errors.HTTPParserError) {
    return new SwitchyardError('protocol', `What ${place} sent is not HTTP. (${code ?? 'HTTPParserError'})`, details)
  }
  // undici names the header or option at fault, never its value
  if (
    code === 'UND_ERR_INVALID_ARG' ||
    code === 'UND_ERR_NOT_SUPPORTED' ||
    code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
  ) {
    return new SwitchyardError('invalid-request', `The request to ${place} cannot be sent: ${message}.`, details)
  }
  return new SwitchyardError('network', `The connection to ${place} failed. (${code ?? 'unknown cause'})`, details)
}

function failure(cause: unknown): { readonly code?: string; readonly message: string } {
  if (!(cause instanceof Error)) return { message: 'unknown' }
  if ('code' in cause && typeof cause.code === 'string') return { code: cause.code, message: cause.message }
  // several addresses were tried: the first refusal speaks for all
  if (cause instanceof AggregateError && cause.errors.length > 0) return failure(cause.errors[0])
  return { message: cause.message }
}
