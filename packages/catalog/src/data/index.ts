import type { ModelData } from '../model.ts'
import { anthropic } from './anthropic.ts'
import { gemini } from './gemini.ts'
import { groq } from './groq.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { xai } from './xai.ts'

/** The day of which the data tell. */
export const catalogDate = '2026-11-20'

/** The models of each provider. */
export const catalogData: Readonly<Record<string, readonly ModelData[]>> = {
  openai,
  anthropic,
  gemini,
  xai,
  groq,
  ollama,
}
