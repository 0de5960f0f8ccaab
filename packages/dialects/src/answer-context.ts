/** What a decoder must know of the call whose answer it reads. */
export interface AnswerContext {
  /** The provider's id. */
  readonly provider: string
  /** The provider's own name of the model; absent for calls that are about none. */
  readonly model?: string
  /** Replaced by `[redacted]` in every message. */
  readonly secrets?: readonly string[]
  readonly requestId?: string
  readonly toolsRequested?: boolean
  /** The answer comes from a simulated provider. */
  readonly simulated?: boolean
  /** Reasoning tokens come on top of the answer's tokens instead of among them; found out by the total when absent. */
  readonly reasoningOutside?: boolean
  /** Milliseconds since 1970, for a Retry-After that is a date; the answer's own Date header when absent. */
  readonly now?: number
}

/** `provider/model`, or the provider alone. */
export function targetName({ provider, model }: AnswerContext): string {
  return model === undefined ? provider : `${provider}/${model}`
}

/** What every error about this call carries. */
export function callDetails({ provider, model, requestId }: AnswerContext): CallDetails {
  return { provider, ...(model !== undefined && { model }), ...(requestId !== undefined && { requestId }) }
}

export type CallDetails = Pick<AnswerContext, 'provider' | 'model' | 'requestId'>
