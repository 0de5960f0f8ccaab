import type { Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { checkContents, checkSystemInstruction } from './content-rules.ts'
import { checkGenerationConfig } from './generation-rules.ts'
import { InvalidArgument, listAt, objectAt, onlyFields, optionalWord } from './refusal.ts'
import { checkTools } from './tool-rules.ts'

const fields = [
  'contents',
  'systemInstruction',
  'generationConfig',
  'tools',
  'toolConfig',
  'safetySettings',
  'cachedContent',
  'serviceTier',
  'labels',
  'store',
  'continuationToken',
]
const harms = ['HARASSMENT', 'HATE_SPEECH', 'SEXUALLY_EXPLICIT', 'DANGEROUS_CONTENT', 'CIVIC_INTEGRITY']
const thresholds = ['OFF', 'BLOCK_NONE', 'BLOCK_ONLY_HIGH', 'BLOCK_MEDIUM_AND_ABOVE', 'BLOCK_LOW_AND_ABOVE']

// written by hand from Gemini's reference and not with our dialect: what is tested by the simulator
// must not be what the simulator is made of, or mistakes would cancel out

/** @throws {InvalidArgument} when Gemini would refuse the request. */
export function checkRequest(body: Json, model: SimulatedModel): void {
  onlyFields(body, fields, '')
  checkSystemInstruction(body.systemInstruction)
  checkGenerationConfig(body.generationConfig, model)
  checkTools(body)
  checkSafetySettings(body.safetySettings)
  checkContents(body.contents, model)
}

function checkSafetySettings(value: unknown): void {
  if (value === undefined) return
  const seen = new Set<unknown>()
  for (const [index, item] of listAt(value, 'safety_settings').entries()) {
    const path = `safety_settings[${index}]`
    const setting = objectAt(item, path)
    onlyFields(setting, ['category', 'threshold'], path)
    const categories = harms.map(harm => `HARM_CATEGORY_${harm}`)
    optionalWord(setting.category ?? '', categories, 'HarmCategory', `${path}.category`)
    optionalWord(setting.threshold ?? '', thresholds, 'SafetySetting.HarmBlockThreshold', `${path}.threshold`)
    if (seen.has(setting.category)) {
      const message = 'Element[1]: safety settings must have at most one setting for each category'
      throw new InvalidArgument(`* GenerateContentRequest.safety_settings: ${message}`, path)
    }
    seen.add(setting.category)
  }
}
