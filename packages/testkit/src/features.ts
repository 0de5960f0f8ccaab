/**
 * What some wires and some providers cannot do, by what it is about, each with the sentence that is true where it
 * works. `skip` and the gaps of a dialect name them.
 */
export const featureGroups = {
  Settings: {
    temperature: 'The temperature can be set (`temperature`).',
    topP: 'Nucleus sampling can be set (`topP`).',
    stop: 'Stop sequences end an answer (`stop`).',
    frequencyPenalty: 'Frequent tokens can be penalised (`frequencyPenalty`).',
    presencePenalty: 'Present tokens can be penalised (`presencePenalty`).',
    seed: 'A seed makes answers repeatable (`seed`).',
    'several choices': 'One request gets several answers.',
  },
  Tools: {
    'tool choice': 'A call can be forced, of any tool or of one (`toolChoice`).',
    'single calls': 'Parallel calls can be turned off (`parallelToolCalls`).',
    'argument fragments': 'Arguments come fragment by fragment.',
    'argument text': 'Arguments that do not parse, or were cut, are handed over as text.',
  },
  'Content and formats': {
    JSON: 'An answer can be any JSON object.',
    'JSON Schema': 'An answer can be held to a JSON Schema.',
    'image bytes': 'Images go along as bytes.',
    'image addresses': 'Images go along by address.',
    documents: 'PDF documents go along as bytes.',
    'document addresses': 'Documents go along by address.',
    audio: 'Sound goes along as bytes.',
  },
  Endings: {
    'refusal text': 'A refusal is told apart from other text.',
    'refusal ending': 'A refusal is an ending of its own.',
    'content filter': 'A filtered answer says so.',
    pause: 'An answer that pauses says so.',
    'context length ending': 'A context window that is full is an ending of its own.',
  },
  Reasoning: {
    'reasoning effort': 'How hard to think can be said (`reasoningEffort`).',
    'reasoning text': 'What the model thinks is shown.',
    'reasoning replay': 'What the model thought goes back to it unchanged.',
    'signed reasoning': 'What the model thought is signed, and a changed thought is refused.',
  },
  'Tokens and usage': {
    'reasoning tokens': 'Reasoning tokens are counted apart.',
    'cache hints': 'Parts of a prompt can be marked for the cache (`cache`).',
    'cached tokens': 'Tokens read from the cache are counted apart.',
    'cache writes': 'Tokens written to the cache are counted apart.',
    'token count': 'Tokens can be counted before a request (`countTokens`).',
  },
  Embeddings: {
    embeddings: 'Texts are turned into vectors (`embed`).',
  },
  Models: {
    'context windows': 'The list of models tells context windows (`getModels`).',
  },
  'Errors and identity': {
    'context length errors': 'A prompt that is too long is refused as such.',
    'error codes': "Errors carry the provider's own code.",
    'kinds of errors in answers': 'An error inside an answer says of what kind it is.',
    'retry headers': 'How long to wait is told in a header.',
    'request ids': 'Errors tell the id of their request.',
    'answer ids': 'Answers have an id.',
  },
  'Lax and strict servers': {
    'lax tool calls': 'Calls that lack their index, or come in one piece, are understood.',
    'strict schemas': 'The server refuses a schema that it cannot keep to.',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

type FeaturesOf<Groups> = Groups extends unknown ? keyof Groups : never

/** One of the names in `featureGroups`. */
export type Feature = FeaturesOf<(typeof featureGroups)[keyof typeof featureGroups]>

/** Every feature, in the order of its groups. */
export const features: readonly Feature[] = Object.values(featureGroups).flatMap(
  group => Object.keys(group) as readonly Feature[],
)

const names: ReadonlySet<string> = new Set(features)

export function isFeature(name: string): name is Feature {
  return names.has(name)
}
