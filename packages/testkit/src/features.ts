/**
 * What some wires and some providers cannot do. A check that needs one of these is skipped where `skip` or the
 * dialect's gaps name it, and runs everywhere else.
 */
export const features = {
  temperature: 'The temperature can be set',
  topP: 'Nucleus sampling can be set',
  stop: 'Stop sequences end an answer',
  frequencyPenalty: 'Frequent tokens can be penalised',
  presencePenalty: 'Present tokens can be penalised',
  seed: 'A seed makes answers repeatable',
  'tool choice': 'The choice of tools can be forced or forbidden',
  'single calls': 'Parallel tool calls can be turned off',
  'argument text': 'Tool arguments come as text, in fragments',
  'lax tool calls': 'Calls without index, or in one piece',
  JSON: 'An answer can be any JSON object',
  'JSON Schema': 'An answer can be held to a JSON Schema',
  'strict schemas': 'The server refuses a schema that it cannot keep to',
  'several choices': 'Several choices in one answer',
  'image bytes': 'Images as bytes',
  'image addresses': 'Images by address',
  documents: 'PDF documents as bytes',
  'document addresses': 'Documents by address',
  audio: 'Sound as bytes',
  'refusal text': 'A refusal is told apart from text',
  'content filter': 'A filtered answer ends with its own reason',
  'refusal ending': 'A refusal is an ending of its own',
  pause: 'A long turn can pause and be continued',
  'context length ending': 'A full context window is an ending of its own',
  'context length errors': 'A prompt that is too long is refused as such',
  'reasoning text': 'Reasoning is shown',
  'reasoning effort': 'How hard to think can be said',
  'signed reasoning': 'Reasoning is signed, and comes back unchanged',
  'reasoning tokens': 'Reasoning tokens are counted apart',
  'cached tokens': 'Tokens read from the cache are counted apart',
  'cache writes': 'Tokens written to the cache are counted apart',
  'token count': 'Tokens can be counted before a request',
  embeddings: 'Embeddings',
  'model pages': 'Lists of models come in pages',
  'context windows': 'The list of models tells context windows',
  'answer ids': 'Answers have an id',
  'request ids': 'Requests have an id that errors tell',
  'error codes': "Errors carry the provider's code",
  'kinds of errors in answers': 'An error inside an answer says of what kind it is',
  'retry headers': 'How long to wait is told in a header',
  keys: 'A key is needed',
} as const satisfies Readonly<Record<string, string>>

export type Feature = keyof typeof features

export function isFeature(name: string): name is Feature {
  return Object.hasOwn(features, name)
}
