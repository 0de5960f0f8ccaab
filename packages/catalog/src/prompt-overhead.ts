/**
 * Tokens that a provider adds around what is sent, at most: its chat template, the words that explain tools, and what
 * a picture becomes. These are this package's own bounds, wide of what providers publish.
 */
export interface PromptOverhead {
  /** For the request: its frame, the cue to answer, and what some servers say first. */
  readonly request: number
  /** For each message. */
  readonly message: number
  /** For each part of a message. */
  readonly part: number
  /** Once, where there are tools: the instructions to use them. */
  readonly tools: number
  /** For each tool. */
  readonly tool: number
  /** Where the answer must be JSON. */
  readonly format: number
  /** For each picture whose bytes are sent, at the highest detail. Absent: no bound is known. */
  readonly image?: number
}

const text: Omit<PromptOverhead, 'image'> = {
  request: 256,
  message: 32,
  part: 8,
  tools: 1_024,
  tool: 64,
  format: 512,
}

// what each provider scales a picture down to, and a margin
const images: Readonly<Record<string, number>> = {
  openai: 25_000,
  anthropic: 5_000,
  gemini: 8_192,
  xai: 2_048,
  groq: 16_384,
  ollama: 16_384,
}

// tiles of this model are billed at 5,667 tokens, up to eight of them, over 2,833
const imagesOfModel: Readonly<Record<string, number>> = { 'openai/gpt-4o-mini': 50_000 }

const withImages: ReadonlyMap<number, PromptOverhead> = new Map(
  [...Object.values(images), ...Object.values(imagesOfModel)].map(image => [image, { ...text, image }]),
)

/** The overhead of a model, by the family of its provider; without a bound for pictures where the family is unknown. */
export function promptOverhead(family: string, model: string): PromptOverhead {
  const image = imagesOfModel[`${family}/${model}`] ?? images[family]
  return (image === undefined ? undefined : withImages.get(image)) ?? text
}
