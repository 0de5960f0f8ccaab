import type { AccountLimits, LimitExcess } from '../account-limits.ts'
import type { ErrorWording } from '../error-wording.ts'
import type { GeneratedAnswer, GeneratedUsage } from '../generated-answer.ts'
import type { Json } from '../json-value.ts'
import type { SimulatedApi } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'

/** What one provider of OpenAI's dialect does in its own way. */
export interface OpenAIFlavour
  extends Pick<
    SimulatedApi,
    'basePath' | 'keyRefusal' | 'errorOfStatus' | 'errorOfKind' | 'errorOfIntake' | 'errorBody' | 'headers'
  > {
  readonly models: readonly SimulatedModel[]
  /** Further fields of a model in the list of them. */
  modelFields?(model: SimulatedModel): object
  /** Whether it makes vectors. */
  readonly embeddings: boolean
  /** Whether it answers in the Responses API too. */
  readonly responses?: boolean
  limitHeaders(limits: AccountLimits): Record<string, string>
  limitRefusal(excess: LimitExcess, model: string): ErrorWording
  /** Says what OpenAI would refuse in this provider's words; absent where they are OpenAI's. */
  reworded?(refusal: ErrorWording): ErrorWording
  readonly chat: ChatFlavour
}

/** How a provider does chat completions. */
export interface ChatFlavour {
  /** Every parameter that it knows. */
  readonly parameters: readonly string[]
  /** What its models refuse when they think whether or not they are asked to. */
  readonly refusedByReasoning: readonly string[]
  /** @throws {RequestRefusal} for what this provider alone refuses. */
  check?(body: Json): void
  /** The field of what is thought, shown in answers to this request; absent where it is only counted. */
  thinkingField(body: Json): 'reasoning' | 'reasoning_content' | undefined
  /** The field of thinking that is shown because a script says so. */
  readonly scriptedThinkingField: 'reasoning' | 'reasoning_content'
  /** All calls of an answer in one event, with all of their arguments. */
  readonly wholeCalls: boolean
  /** Events are padded, and say `usage: null` where the usage comes later. */
  readonly padded: boolean
  /** Fields on the top of every answer and event. */
  readonly head: object
  /** Fields of a message that says nothing in them. */
  readonly emptyFields: object
  /** Fields of an event's choice that has nothing to say in them. */
  readonly emptyChoiceFields: object
  /** Fields beside the thinking in an event. */
  readonly thinkingFields?: object
  usage(usage: GeneratedUsage): object
  /** Further fields of a stream's first event, and of the ones that end choices. */
  ends?(answer: GeneratedAnswer, requestId: string, usage: boolean): { readonly first: object; readonly last: object }
  /** An event that looks well and holds an error. */
  errorField?(error: ErrorWording, requestId: string): Json
}
