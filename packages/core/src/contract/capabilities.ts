/** `'unknown'` is not `false`: a request may still try. */
export type Capability = boolean | 'unknown'

/** What can be relied on from one model, or from a chain. */
export interface ModelCapabilities {
  /** The wire dialect: `"openai-chat"`; absent where several are spoken: by a chain, or as requests need it. */
  readonly dialect?: string
  readonly streaming: Capability
  readonly tools: Capability
  readonly parallelToolCalls: Capability
  readonly toolChoice: Capability
  readonly json: Capability
  readonly jsonSchema: Capability
  readonly images: Capability
  readonly audio: Capability
  readonly documents: Capability
  readonly reasoning: Capability
  readonly temperature: Capability
  readonly topP: Capability
  readonly penalties: Capability
  readonly stop: Capability
  readonly seed: Capability
  readonly logprobs: Capability
  /** Goes on from an assistant message that ends the conversation. */
  readonly prefill: Capability
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
  /** How long the model may think in silence before its first token, in milliseconds. */
  readonly silentReasoningMs?: number
}

/** The names of the yes-or-no capabilities. */
export type CapabilityName = Exclude<
  keyof ModelCapabilities,
  'dialect' | 'contextWindow' | 'maxOutputTokens' | 'silentReasoningMs'
>

/** What is known of a model beside its capabilities; every field may be absent. */
export interface ModelFacts {
  readonly capabilities?: Partial<ModelCapabilities>
  /** How the output cap is spelled where a dialect has two words for it. */
  readonly outputCapParameter?: 'max_tokens' | 'max_completion_tokens'
  /** Reasoning efforts the model takes. */
  readonly reasoningEfforts?: readonly string[]
  /** How thinking is asked for: by a word, by a number of tokens, or by a word and never turned off. */
  readonly thinking?: 'effort' | 'budget' | 'always'
  /** `false`: it may be asked to call a tool, never be made to. */
  readonly forcedToolChoice?: boolean
  /** `false`: system messages are taken at the beginning of a conversation, and not among the others. */
  readonly laterSystemMessages?: boolean
  /** When OpenAI's chat completions take function tools for it; always when absent. */
  readonly toolsInChatCompletions?: 'without-reasoning' | 'never'
  /** The version of its provider's API that it is spoken to in. */
  readonly apiVersion?: string
}

/** Answers what is known of a model, synchronously; implemented by a catalogue. */
export type ModelFactsPort = (provider: string, model: string) => ModelFacts | undefined

/** A model as its provider lists it. */
export interface ModelInfo {
  readonly id: string
  readonly displayName?: string
  /** Seconds since 1970. */
  readonly created?: number
  readonly ownedBy?: string
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
  /** ISO date on which the provider stops serving it. */
  readonly retiresAt?: string
  readonly capabilities?: Partial<ModelCapabilities>
}

const names: readonly CapabilityName[] = [
  'streaming',
  'tools',
  'parallelToolCalls',
  'toolChoice',
  'json',
  'jsonSchema',
  'images',
  'audio',
  'documents',
  'reasoning',
  'temperature',
  'topP',
  'penalties',
  'stop',
  'seed',
  'logprobs',
  'prefill',
]

/** The names of the yes-or-no capabilities, for going through them. */
export const capabilityNames: readonly CapabilityName[] = names

const nothingKnown = Object.fromEntries(names.map(name => [name, 'unknown'])) as unknown as ModelCapabilities

/** Nothing known, every field `'unknown'`; `known` fills in what is. */
export function modelCapabilities(known: Partial<ModelCapabilities> = {}): ModelCapabilities {
  return { ...nothingKnown, ...known }
}
