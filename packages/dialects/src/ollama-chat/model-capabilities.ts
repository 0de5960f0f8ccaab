import type { ModelCapabilities } from '@switchyard/core/contract'

const capabilityOf = {
  completion: 'streaming',
  tools: 'tools',
  vision: 'images',
  audio: 'audio',
  thinking: 'reasoning',
} as const satisfies Record<string, keyof ModelCapabilities>

/** What a model can do, by the server's list of words: what is not in it, it cannot. */
export function capabilitiesOf(words: readonly unknown[]): Partial<ModelCapabilities> {
  const known: { -readonly [Key in keyof ModelCapabilities]?: ModelCapabilities[Key] } = {}
  for (const [word, capability] of Object.entries(capabilityOf)) known[capability] = words.includes(word)
  // a grammar holds whatever talks to JSON
  known.json = known.streaming as boolean
  known.jsonSchema = known.streaming as boolean
  return known
}

export function capabilityWords(capabilities: Partial<ModelCapabilities>): string[] {
  return Object.entries(capabilityOf).flatMap(([word, capability]) => (capabilities[capability] === true ? [word] : []))
}
