import type { ErrorKind } from '@switchyard/core/contract'
import { errorKind as kindOfStatus } from '../openai/error-kind.ts'

/** What a body of this dialect says of an error. */
export interface ErrorFacts {
  readonly message?: string
  readonly type?: string
  /** `error.details.error_code`. */
  readonly code?: string
}

const kindsByCode: Readonly<Record<string, ErrorKind>> = {
  enforced_spend_limit_reached: 'quota',
  contract_spend_limit_reached: 'quota',
  linked_organization_spend_limit_reached: 'quota',
  linked_organization_billing_unavailable: 'quota',
  ramp_limit_exceeded: 'rate-limit',
  organization_on_hold: 'authentication',
  claude_code_key_creator_not_member: 'authentication',
  cmek_key_disabled: 'permission',
  cmek_key_network_blocked: 'permission',
}

const kindsByType: Readonly<Record<string, ErrorKind>> = {
  billing_error: 'quota',
  request_too_large: 'context-length',
  conflict_error: 'unavailable',
}

const money = /\b(usage limits?|spend limits?|credit balance|billing)\b/i
const tooLong = /prompt is too long|exceeds? (the )?context (limit|window)|input is too long/i
const filtered = /content filtering policy|blocked by content/i
const notTaken =
  /extra inputs are not permitted|not supported (on|for|by|with) this model|does not support|only supported on/i

/** The kind of an error, by its code, its type, and its words where these say too little. */
export function errorKind(status: number | undefined, facts: ErrorFacts, saysWhen: boolean): ErrorKind {
  const { message = '', type = '', code = '' } = facts
  const told = kindsByCode[code] ?? kindsByType[type]
  if (told !== undefined) return told
  if (type === 'invalid_request_error') {
    if (tooLong.test(message)) return 'context-length'
    if (money.test(message)) return 'quota'
    if (filtered.test(message)) return 'content-filter'
    if (notTaken.test(message)) return 'unsupported'
  }
  return kindOfStatus(status, facts, saysWhen)
}
