import type { JsonObject } from '@switchyard/core/contract'
import { parseDurationMs } from '../duration.ts'
import { isObject } from '../json.ts'

/** What a `google.rpc.Status` tells. */
export interface RpcStatus {
  /** The HTTP status that it stands for. */
  readonly code?: number
  /** `RESOURCE_EXHAUSTED`. */
  readonly status?: string
  readonly message?: string
  /** `API_KEY_INVALID`. */
  readonly reason?: string
  readonly retryDelayMs?: number
  /** The quotas that were used up: `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
  readonly quotas: readonly string[]
  /** The field of the request that is at fault. */
  readonly field?: string
}

/** `undefined` where the body is none. A stream's errors may come in a list. */
export function readRpcStatus(body: unknown): RpcStatus | undefined {
  const whole = Array.isArray(body) ? body[0] : body
  const error = isObject(whole) ? whole.error : undefined
  if (!isObject(error)) return undefined
  const { code, status, message } = error
  // other servers send the same field as a text, and their own words beside it
  if (typeof status !== 'string' && typeof code !== 'number') return undefined
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : []
  return {
    ...(typeof code === 'number' && { code }),
    ...(typeof status === 'string' && status !== '' && { status }),
    ...(typeof message === 'string' && message !== '' && { message }),
    ...readDetails(details, typeof message === 'string' ? message : ''),
  }
}

function readDetails(details: readonly JsonObject[], message: string): Omit<RpcStatus, 'code' | 'status' | 'message'> {
  const reason = ofType(details, 'ErrorInfo')?.reason
  const delay = ofType(details, 'RetryInfo')?.retryDelay ?? /retry in ([\d.]+m?s)/i.exec(message)?.[1]
  const retryDelayMs = typeof delay === 'string' ? parseDurationMs(delay) : undefined
  const field = objects(ofType(details, 'BadRequest')?.fieldViolations)[0]?.field
  const quotas = objects(ofType(details, 'QuotaFailure')?.violations).flatMap(({ quotaId }) =>
    typeof quotaId === 'string' ? [quotaId] : [],
  )
  return {
    quotas,
    ...(typeof reason === 'string' && { reason }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
    ...(typeof field === 'string' && field !== '' && { field }),
  }
}

function ofType(details: readonly JsonObject[], type: string): JsonObject | undefined {
  return details.find(detail => detail['@type'] === `type.googleapis.com/google.rpc.${type}`)
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
