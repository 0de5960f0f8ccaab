import { type ErrorDetails, type ErrorKind, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from './answer-context.ts'
import { redact, shorten } from './redaction.ts'

/** What a provider said of a failure, in its own words. */
export interface ProviderWords {
  readonly message?: string | undefined
  readonly code?: string | undefined
  readonly param?: string | undefined
}

/** The error of one call, told without secrets and in no more words than a log wants. */
export function providerError(
  kind: ErrorKind,
  said: ProviderWords,
  context: AnswerContext,
  details: Pick<ErrorDetails, 'status' | 'requestId' | 'retryAfterMs'> = {},
): SwitchyardError {
  const clean = (text: string) => shorten(redact(text, context.secrets))
  const words = said.message ?? said.code
  const what = words === undefined ? `answered ${details.status ?? 'an error'} and said nothing` : clean(words)
  return new SwitchyardError(kind, `${targetName(context)}: ${what}`, {
    ...callDetails(context),
    ...(said.code !== undefined && { code: clean(said.code) }),
    ...(said.param !== undefined && { param: clean(said.param) }),
    ...details,
  })
}
