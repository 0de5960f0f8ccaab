import type { ChoiceFinish, FinishReason, Warning } from './chunk.ts'
import type { AttemptRecord } from './errors.ts'
import type { AssistantPart, DialectExtra } from './message.ts'
import type { BilledAttempt, Usage } from './usage.ts'

/** A whole answer. */
export interface MessageResponse {
  readonly id?: string
  /** `provider/model` that answered. */
  readonly model: string
  /** Seconds since 1970, as the provider said. */
  readonly created?: number
  readonly content: readonly ResponsePart[]
  readonly reason: FinishReason
  /** The provider's own word for the reason. */
  readonly rawReason?: string
  readonly stopSequence?: string
  readonly usage?: Usage
  readonly billed?: readonly BilledAttempt[]
  /** The other choices, when several were asked for. */
  readonly otherChoices?: readonly ResponseChoice[]
  readonly simulated?: true
  readonly warnings?: readonly Warning[]
  /** What failed before this answer began; a provider leaves it out, a chain fills it. */
  readonly failedAttempts?: readonly AttemptRecord[]
  /** Where the answer as a whole said more than this contract knows. */
  readonly extra?: DialectExtra
}

/** A part of an answer; `complete: false` when a limit cut it short. */
export type ResponsePart = AssistantPart & { readonly complete?: false }

export interface ResponseChoice extends ChoiceFinish {
  readonly content: readonly ResponsePart[]
}

/** What had arrived of an answer when it broke. */
export type PartialResponse = Omit<MessageResponse, 'reason'>

/** The text of an answer, its text parts joined. */
export function responseText(response: Pick<MessageResponse, 'content'>): string {
  let text = ''
  for (const part of response.content) if (part.type === 'text') text += part.text
  return text
}
